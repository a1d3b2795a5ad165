// Starts a worker thread of a load run and talks to it. Used by load-run.ts.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadFile } from "../base/thread-file.ts";
import type { LivePart } from "./live-state.ts";
import type { LoadMessage, LoadPart, LoadThreadData, LoadThreadMessage } from "./load-message.ts";

/** Resolves when the thread is ready to begin; rejects when it cannot be started. */
export async function startLoadWorker(data: LoadThreadData): Promise<LoadPart> {
  const worker = new Worker(threadFile("load-thread", import.meta.url), { workerData: data });
  const ready = once(worker, "message");
  const done = Promise.withResolvers<Awaited<ReturnType<LoadPart["run"]>>>();
  // The one who waits for the end is told of the error; nobody may be waiting yet.
  done.promise.catch(() => {});
  let live: LivePart | undefined;
  worker.on("message", (message: LoadThreadMessage) => {
    if (message.kind === "live") live = message.part;
    if (message.kind === "done") done.resolve(message);
  });
  worker.on("error", done.reject);
  worker.on("exit", (code) => done.reject(new Error(`a load thread ended with ${code}`)));
  const post = (message: LoadMessage): void => worker.postMessage(message);
  await ready;
  return {
    async run(startMs) {
      post({ kind: "begin", startMs });
      const end = await done.promise;
      await worker.terminate();
      return end;
    },
    stop: () => post({ kind: "stop" }),
    readLive: () => live,
  };
}
