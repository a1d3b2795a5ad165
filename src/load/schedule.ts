// When is the next request due? Pure: the run passes the time. Requests are numbered from 0 over all
// connections and threads; times are in milliseconds from the start of the run.

import type { LoadModel, LoadPlan, LoadStage } from "./result.ts";

/** A busy system may keep a process waiting this long; less does not count as late. */
const LATE_MS_MIN = 10;

interface Step {
  readonly startMs: number;
  readonly endMs: number;
  readonly gapMs: number;
  /** The number of the first request of this step. */
  readonly firstIndex: number;
  readonly endIndex: number;
}

export interface Schedule {
  readonly steps: readonly Step[];
  /** The moment after which nothing is due any more; may be infinite. */
  readonly endMs: number;
}

/** Closed: a request every `delayMs`, or all at once with 0, as soon as a connection is free for it. */
export function makeSchedule(model: LoadModel, delayMs: number): Schedule {
  if (model.kind === "open") return makeStages(model.stages);
  const forever = { startMs: 0, endMs: Number.POSITIVE_INFINITY };
  const step = { ...forever, gapMs: delayMs, firstIndex: 0, endIndex: Number.POSITIVE_INFINITY };
  return { steps: [step], endMs: Number.POSITIVE_INFINITY };
}

/** The pace with which the run begins, for as long as the warm-up takes. */
export function makeWarmUp({ model, delayMs }: Pick<LoadPlan, "model" | "delayMs">): Schedule {
  if (model.kind === "closed") return makeSchedule(model, delayMs);
  const stages = model.stages.slice(0, 1).map((stage) => ({ ...stage, durationMs: undefined }));
  return makeStages(stages);
}

function makeStages(stages: readonly LoadStage[]): Schedule {
  const steps: Step[] = [];
  let startMs = 0;
  let firstIndex = 0;
  for (const { durationMs = Number.POSITIVE_INFINITY, ratePerSecond } of stages) {
    const gapMs = 1000 / ratePerSecond;
    const endMs = startMs + durationMs;
    // 30 s at 50/s are 1500 requests, not 1501 by a rounding error.
    const endIndex = firstIndex + Math.ceil((durationMs * ratePerSecond) / 1000 - 1e-9);
    steps.push({ startMs, endMs, gapMs, firstIndex, endIndex });
    startMs = endMs;
    firstIndex = endIndex;
  }
  return { steps, endMs: startMs };
}

/** The moment at which request number `index` is due; infinite after the last one. */
export function dueMs({ steps }: Schedule, index: number): number {
  for (const step of steps) {
    // Multiplied, not added up, so that rounding errors do not add up in a long run.
    if (index < step.endIndex) return step.startMs + (index - step.firstIndex) * step.gapMs;
  }
  return Number.POSITIVE_INFINITY;
}

/** How many requests are due before `ms`; infinite when all are due at once. */
export function countDueBefore({ steps }: Schedule, ms: number): number {
  let count = 0;
  for (const { startMs, endIndex, firstIndex, gapMs } of steps) {
    if (ms <= startMs) break;
    const dueCount = Math.ceil((ms - startMs) / gapMs - 1e-9);
    count = Math.min(firstIndex + dueCount, endIndex);
  }
  return count;
}

/** A request is late when the next one was due before it started, and it is at least 10 ms late. */
export function isLate(schedule: Schedule, index: number, startedMs: number): boolean {
  const ownMs = dueMs(schedule, index);
  const nextMs = dueMs(schedule, index + 1);
  const gapMs = Number.isFinite(nextMs) ? nextMs - ownMs : 0;
  // All requests are due at once, so none is late.
  if (gapMs === 0 && Number.isFinite(nextMs)) return false;
  return startedMs - ownMs > Math.max(gapMs, LATE_MS_MIN);
}
