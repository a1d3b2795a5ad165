// A thread of the counter race (counter-race.ts): waits until all are ready, then adds one so many
// times, in the form that it is told. Ends by itself; its message holds what its work came to.

import { parentPort, workerData } from "node:worker_threads";
import { COUNTER_WORD, type CounterTask, READY_WORD, START_WORD } from "./counter-race.ts";

const task = workerData as CounterTask;
const words = new Int32Array(task.memory);

/** The mistake: between the read and the write another thread may have counted, and is overwritten. */
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

/** The work that comes with each addition, the same in both forms: some ten nanoseconds. */
function countDigits(value: number): number {
  let digitCount = 1;
  for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) digitCount++;
  return digitCount;
}

/** The last thread to come opens the start for all. */
function waitForAll(): void {
  if (Atomics.add(words, READY_WORD, 1) + 1 < task.threadCount) {
    Atomics.wait(words, START_WORD, 0);
    return;
  }
  // Stored before the others are woken: one that comes to its wait only now must not sleep.
  Atomics.store(words, START_WORD, 1);
  Atomics.notify(words, START_WORD);
}

waitForAll();
const add = task.form === "Atomics.add" ? addAtomically : addPlainly;
// Handed on, or a compiler might find that nobody needs the work and leave it out.
parentPort?.postMessage(add(task.additionsPerThread));
