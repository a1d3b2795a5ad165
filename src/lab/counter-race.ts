// The counter race: several threads add to one number in shared memory at the same time, in one of
// two forms. Used by the counter experiment.

import { Worker } from "node:worker_threads";
import { threadFile } from "../base/thread-file.ts";
import {
  COUNTER_WORD,
  type CounterForm,
  type CounterTask,
  createCounterMemory,
} from "./counter-memory.ts";
import type { CounterRun } from "./lab-result.ts";

export interface RaceOptions {
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
  readonly signal: AbortSignal;
}

/** Rejects when a thread fails, and when the signal comes. */
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
    // One that failed leaves the others asleep at the start.
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
