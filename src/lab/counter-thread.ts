// A thread of the counter race (counter-race.ts): waits until all threads are ready, then adds one again
// and again, in the form that its task names. It ends by itself; its message holds the result of its work.

import { parentPort, workerData } from "node:worker_threads";

/** What a thread is started with. */
export interface CounterTask {
  readonly words: RaceWords;
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
}

export type CounterForm = "plain read and write" | "Atomics.add";

/** Views of shared memory, of one word each. */
export interface RaceWords {
  /** What the threads add to. */
  readonly counter: Int32Array;
  /** How many threads are ready to start (Atomics.add). */
  readonly ready: Int32Array;
  /** 0 until all threads are ready, then 1; the threads sleep on it (Atomics.wait). */
  readonly start: Int32Array;
}

const task = workerData as CounterTask;
const { counter, ready, start } = task.words;

/** The mistake: what another thread counts between the read and the write is overwritten. */
function addPlainly(additions: number): number {
  let work = 0;
  for (let done = 0; done < additions; done++) {
    const seen = counter[0]!;
    work += countDigits(seen);
    counter[0] = seen + 1;
  }
  return work;
}

function addAtomically(additions: number): number {
  let work = 0;
  for (let done = 0; done < additions; done++) {
    work += countDigits(Atomics.add(counter, 0, 1));
  }
  return work;
}

/** Work that comes with each addition, the same in both forms: about ten nanoseconds. */
function countDigits(value: number): number {
  let digitCount = 1;
  for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) digitCount++;
  return digitCount;
}

/** The last thread to arrive starts all of them. */
function waitForAll(): void {
  if (Atomics.add(ready, 0, 1) + 1 < task.threadCount) {
    Atomics.wait(start, 0, 0);
    return;
  }
  // Stored before the others wake up: a thread that reaches its wait only now must not sleep.
  Atomics.store(start, 0, 1);
  Atomics.notify(start, 0);
}

waitForAll();
const add = task.form === "Atomics.add" ? addAtomically : addPlainly;
// Sent, because a compiler might drop work whose result is not used.
parentPort?.postMessage(add(task.additionsPerThread));
