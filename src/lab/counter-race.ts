// The counter race: several threads (counter-thread.ts) add to one number in shared memory at the same
// time, in one of two forms. Used by the counter experiment.
//
// The shared memory holds one word to count in and two for the start. They lie in different cache lines,
// so that a thread that waits for the start does not slow down one that counts.

import { Worker } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { threadFile } from "../base/thread-file.ts";
import type { CounterRun } from "./result.ts";

export interface RaceOptions {
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
  readonly signal: AbortSignal;
}

/** Rejects when a thread fails, and when the signal is aborted. */
export async function runCounterRace(options: RaceOptions): Promise<CounterRun> {
  const { form, threadCount, additionsPerThread, signal } = options;
  signal.throwIfAborted();
  const additions = threadCount * additionsPerThread;
  const memory = createCounterMemory(additions);
  const task: CounterTask = { memory, form, threadCount, additionsPerThread };
  const workers = Array.from(
    { length: threadCount },
    () => new Worker(threadFile("counter-thread", import.meta.url), { workerData: task }),
  );
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    await Promise.race([Promise.all(workers.map(waitForEnd)), stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    // A thread that failed leaves the others asleep at the start.
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const counted = new Int32Array(memory)[COUNTER_WORD]!;
  return { form, threads: threadCount, additions, counted, lost: additions - counted };
}

function waitForEnd(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("a counter thread ended before it had counted")));
  });
}

export const COUNTER_WORD = 0;
/** How many threads are ready to start (Atomics.add). */
export const READY_WORD = 32;
/** 0 until all threads are ready, then 1; the threads sleep on it (Atomics.wait). */
export const START_WORD = 64;
const WORD_COUNT = 96;

/** All additions fit into one word, so that only the race can lose any. */
const ADDITIONS_MAX = 2 ** 31 - 1;

export type CounterForm = "plain read and write" | "Atomics.add";

/** What a thread is started with. */
export interface CounterTask {
  readonly memory: SharedArrayBuffer;
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
}

function createCounterMemory(additions: number): SharedArrayBuffer {
  assert(additions <= ADDITIONS_MAX, "the additions fit into one word");
  return new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT);
}
