// Starts the threads of a concurrency test and gives what each posts as its result. A thread that
// fails fails the test; one that is left over is ended with it.

import { once } from "node:events";
import type { TestContext } from "node:test";
import { Worker } from "node:worker_threads";

/** Starts a thread from a file beside this one. */
export function startThread(
  t: Pick<TestContext, "after">,
  fileName: string,
  workerData: unknown,
): Worker {
  const worker = new Worker(new URL(fileName, import.meta.url), { workerData });
  t.after(() => worker.terminate());
  return worker;
}

/** Runs one thread for each value; settles with the first message of each, in the same order. */
export function runThreads<Result>(
  t: Pick<TestContext, "after">,
  fileName: string,
  data: readonly unknown[],
): Promise<Result[]> {
  const results = data.map(async (workerData) => {
    const [result] = await once(startThread(t, fileName, workerData), "message");
    return result as Result;
  });
  return Promise.all(results);
}
