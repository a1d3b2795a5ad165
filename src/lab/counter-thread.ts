// A thread of the counter race (counter-race.ts): waits until all threads are ready, then adds one again
// and again, in the form that its task names. It ends by itself; its message holds the result of its work.

import { parentPort, workerData } from "node:worker_threads";
import { COUNTER_WORD, type CounterTask, READY_WORD, START_WORD } from "./counter-race.ts";

const task = workerData as CounterTask;
const words = new Int32Array(task.memory);

/** The mistake: what another thread counts between the read and the write is overwritten. */
function addPlainly(additions: number): number {
  let work = 0;
  for (let done = 0; done < additions; done++) {
    const seen = words[COUNTER_WORD]!;
    work += countDigits(seen);
    words[COUNTER_WORD] = seen + 1;
  }
  return work;
}

function addAtomically(additions: number): number {
  let work = 0;
  for (let done = 0; done < additions; done++) {
    work += countDigits(Atomics.add(words, COUNTER_WORD, 1));
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
  if (Atomics.add(words, READY_WORD, 1) + 1 < task.threadCount) {
    Atomics.wait(words, START_WORD, 0);
    return;
  }
  // Stored before the others wake up: a thread that reaches its wait only now must not sleep.
  Atomics.store(words, START_WORD, 1);
  Atomics.notify(words, START_WORD);
}

waitForAll();
const add = task.form === "Atomics.add" ? addAtomically : addPlainly;
// Sent, because a compiler might drop work whose result is not used.
parentPort?.postMessage(add(task.additionsPerThread));
