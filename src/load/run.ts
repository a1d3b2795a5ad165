// The coordinator of a load run: starts its parts, one for each thread, at the same moment, stops them
// when asked to, and adds up what they counted. Called by the load command and by the lab. Prints
// nothing.

import { type Clock, systemClock } from "../base/clock.ts";
import type { ThreadJob } from "./connection-slots.ts";
import { LiveMeter, readLivePart } from "./live-state.ts";
import { type LoadPart, startLoadWorkers } from "./load-worker.ts";
import { formatRequests, type LoadOptions, makePlan } from "./plan.ts";
import type { Failure } from "./request-outcome.ts";
import type { LoadPlan, LoadResult } from "./result.ts";
import { dueMs, makeSchedule, type Schedule } from "./schedule.ts";
import { resolveTarget, type TargetAddress } from "./sockets.ts";
import { summarizeRun } from "./summary.ts";
import { ThreadRun } from "./thread-run.ts";

export type { LoadOptions } from "./plan.ts";

const LIVE_PERIOD_MS = 100;

/**
 * Resolves when the run is done or the signal is aborted; never rejects because of what a server does.
 * @throws Error when a thread cannot be started
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { host, port, clock = systemClock, signal } = options;
  const plan = makePlan(options);
  const schedule = makeSchedule(plan.model, plan.delayMs);
  const target = await resolveTarget(host, port);
  const parts = await startParts(options, plan, target, clock);
  const startedWallMs = clock.wallMs() + plan.warmUpMs;
  const startMs = clock.monotonicMs();
  const originMs = startMs + plan.warmUpMs;
  const plannedMs = planMs(plan, schedule);
  let isInterrupted = false;
  const stop = (): void => {
    isInterrupted = true;
    for (const part of parts) part.stop();
  };
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const stopLive = startLive(options, plan, parts, () => clock.monotonicMs() - originMs);
  const ends = await Promise.all(parts.map((part) => part.run(startMs)));
  stopLive();
  signal?.removeEventListener("abort", stop);
  const durationMs = Math.max(0, ...ends.map(({ finishedMs }) => finishedMs - originMs));
  return summarizeRun(
    plan,
    schedule,
    ends.map(({ tally }) => tally),
    {
      startedWallMs,
      finishedWallMs: startedWallMs + durationMs,
      durationMs,
      sendingMs: Math.min(durationMs, plannedMs),
      isInterrupted,
    },
  );
}

/** When the last request of the plan is due, plus one gap; infinite when the plan has no end. */
function planMs({ durationMs, requests }: LoadPlan, schedule: Schedule): number {
  const lastMs = requests === undefined ? Number.POSITIVE_INFINITY : dueMs(schedule, requests);
  const endMs = Math.min(durationMs ?? Number.POSITIVE_INFINITY, schedule.endMs);
  // All requests are due at once: nothing says when the last one leaves.
  return Math.min(endMs, lastMs === 0 ? Number.POSITIVE_INFINITY : lastMs);
}

/** A run with one thread stays in the caller's: a worker was measured and is no faster. */
function startParts(
  options: LoadOptions,
  plan: LoadPlan,
  target: TargetAddress | Failure,
  clock: Clock,
): Promise<LoadPart[]> {
  const { host, scheme, isInsecure = false } = options;
  const tls = scheme === "https" ? { host, isInsecure } : undefined;
  const requestTexts = formatRequests(options);
  const jobs = Array.from({ length: plan.threads }, (_, threadIndex): ThreadJob => {
    return { plan, requestTexts, tls, threadIndex };
  });
  const [onlyJob, ...others] = jobs;
  if (onlyJob !== undefined && others.length === 0) {
    return Promise.resolve([makeLocalPart(onlyJob, target, clock)]);
  }
  const data = target.kind === "failed" ? target : target.data;
  const period = options.onLive === undefined ? undefined : LIVE_PERIOD_MS;
  return startLoadWorkers(jobs.map((job) => ({ job, target: data, livePeriodMs: period })));
}

function makeLocalPart(job: ThreadJob, target: TargetAddress | Failure, clock: Clock): LoadPart {
  const run = new ThreadRun(job, target, clock);
  return {
    async run(startMs) {
      const finishedMs = await run.run(startMs);
      return { tally: run.tally.data, finishedMs };
    },
    stop: () => run.stop(),
    readLive: () => readLivePart(run.tally.data),
  };
}

/** Reports the live state again and again; returns the function that ends this. */
function startLive(
  { onLive }: LoadOptions,
  plan: LoadPlan,
  parts: readonly LoadPart[],
  readElapsedMs: () => number,
): () => void {
  if (onLive === undefined) return () => {};
  const plannedMs = planMs(plan, makeSchedule(plan.model, plan.delayMs));
  const meter = new LiveMeter({
    plannedMs: Number.isFinite(plannedMs) ? plannedMs : undefined,
    planned: plan.requests,
  });
  const timer = setInterval(() => {
    onLive(
      meter.read(
        parts.flatMap((part) => part.readLive() ?? []),
        readElapsedMs(),
      ),
    );
  }, LIVE_PERIOD_MS);
  return () => clearInterval(timer);
}
