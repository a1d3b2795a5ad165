// A worker thread of a load run: does its share when it gets the start message, reports the live state,
// and sends what it counted at the end. Started by load-worker.ts.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import type { ThreadJob } from "./connection-slots.ts";
import { type LivePart, readLivePart } from "./live-state.ts";
import type { Failure } from "./request-outcome.ts";
import { restoreTarget, type TargetData } from "./sockets.ts";
import type { TallyData } from "./tally.ts";
import { ThreadRun } from "./thread-run.ts";

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

assert(parentPort !== null, "a load thread has a parent");
const port = parentPort;
const { job, target, livePeriodMs } = workerData as LoadThreadData;
const run = new ThreadRun(job, restoreTarget(target), systemClock);

function post(message: LoadThreadMessage): void {
  port.postMessage(message);
}

async function begin(startMs: number): Promise<void> {
  const timer =
    livePeriodMs === undefined
      ? undefined
      : setInterval(() => post({ kind: "live", part: readLivePart(run.tally.data) }), livePeriodMs);
  const finishedMs = await run.run(startMs);
  clearInterval(timer);
  post({ kind: "done", tally: run.tally.data, finishedMs });
  // This was the last message: the thread ends when nothing is left to do.
  port.close();
}

port.on("message", (message: LoadMessage) => {
  if (message.kind === "stop") run.stop();
  else void begin(message.startMs);
});
post({ kind: "ready" });
