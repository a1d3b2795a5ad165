// How the coordinator of a load run (run.ts) starts its worker threads (load-thread.ts) and talks to
// them.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadFile } from "../base/thread-file.ts";
import type { ThreadJob } from "./connection-slots.ts";
import type { LivePart } from "./live-state.ts";
import type { Failure } from "./request-outcome.ts";
import type { TargetData } from "./sockets.ts";
import type { TallyData } from "./tally.ts";

/** Resolves when the thread is ready to begin; rejects when it cannot be started. */
export async function startLoadWorker(data: LoadThreadData): Promise<LoadPart> {
  const worker = new Worker(threadFile("load-thread", import.meta.url), { workerData: data });
  const ready = once(worker, "message");
  const done = Promise.withResolvers<Awaited<ReturnType<LoadPart["run"]>>>();
  // run() reports the error; without this the process would end when it is not called yet.
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

/** What a thread gets when it starts. */
export interface LoadThreadData {
  readonly job: ThreadJob;
  readonly target: TargetData | Failure;
  /** How often to report the live state; undefined means never. */
  readonly livePeriodMs: number | undefined;
}

/** To a thread. `startMs` is a time of the monotonic clock, which all threads share. */
export type LoadMessage =
  | { readonly kind: "begin"; readonly startMs: number }
  | { readonly kind: "stop" };

/** From a thread: `ready`, then `live` again and again, and `done` once. */
export type LoadThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "live"; readonly part: LivePart }
  | { readonly kind: "done"; readonly tally: TallyData; readonly finishedMs: number };

/** One thread's part of a run, in the caller's thread or in another. */
export interface LoadPart {
  /** Both times are of the monotonic clock; `finishedMs` is the moment of the last outcome. */
  run(startMs: number): Promise<{ readonly tally: TallyData; readonly finishedMs: number }>;
  stop(): void;
  /** Undefined until the thread has reported for the first time. */
  readLive(): LivePart | undefined;
}
