// The state of a run while it runs, for the live view. Each thread reports its part; run.ts adds the parts
// up a few times a second. Pure, except for what LiveMeter remembers of the last second.

import { type HistogramData, LatencyHistogram } from "./latency-histogram.ts";
import type { TallyData } from "./tally.ts";

export interface LiveState {
  /** Since the end of the warm-up; negative during the warm-up. */
  readonly elapsedMs: number;
  /** Absent when the run has no end in time. */
  readonly plannedMs?: number;
  /** Finished requests. */
  readonly done: number;
  /** Absent when the run has no end in requests. */
  readonly planned?: number;
  /** Finished and admitted requests a second, over the latest second. */
  readonly rate: number;
  readonly admittedRate: number;
  /** Latency of all answers so far, from sending. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Finished requests of each complete second so far, at most the latest 120. */
  readonly ratesBySecond: readonly number[];
}

/** The report of one thread; it stays small, however long the run takes. */
export interface LivePart {
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly latency: HistogramData;
  /** The number of the first second in `doneBySecond`. */
  readonly firstSecond: number;
  readonly doneBySecond: readonly number[];
}

/** The report of a thread, from its tally. */
export function readLivePart({ sources, byStatus, latency, seconds }: TallyData): LivePart {
  const all = new LatencyHistogram();
  for (const part of Object.values(latency)) all.add(part);
  const sum = (counted: "admitted" | "refused" | "failed"): number =>
    sources.reduce((total, source) => total + source[counted], 0);
  // One more than the view shows, because the last second is not over.
  const firstSecond = Math.max(0, seconds.length - LIVE_SECOND_COUNT_MAX - 1);
  return {
    admitted: sum("admitted"),
    refused: sum("refused"),
    failed: sum("failed"),
    byStatus,
    latency: all.data,
    firstSecond,
    doneBySecond: seconds
      .slice(firstSecond)
      .map(({ admitted, refused, failed }) => admitted + refused + failed),
  };
}

export interface LivePlan {
  readonly plannedMs: number | undefined;
  readonly planned: number | undefined;
}

interface Reading {
  readonly elapsedMs: number;
  readonly done: number;
  readonly admitted: number;
}

const RATE_SPAN_MS = 1000;

/** Adds up the parts of all threads, and remembers earlier readings for the rates. */
export class LiveMeter {
  readonly #plan: LivePlan;
  #readings: Reading[] = [{ elapsedMs: 0, done: 0, admitted: 0 }];

  constructor(plan: LivePlan) {
    this.#plan = plan;
  }

  /** The state at `elapsedMs`, from the parts of all threads. */
  read(parts: readonly LivePart[], elapsedMs: number): LiveState {
    const sum = (read: (part: LivePart) => number): number =>
      parts.reduce((total, part) => total + read(part), 0);
    const admitted = sum((part) => part.admitted);
    const done = admitted + sum((part) => part.refused + part.failed);
    const { plannedMs, planned } = this.#plan;
    const latency = new LatencyHistogram();
    for (const part of parts) latency.add(part.latency);
    const isMeasured = latency.count > 0;
    return {
      elapsedMs,
      ...(plannedMs !== undefined && { plannedMs }),
      done,
      ...(planned !== undefined && { planned }),
      ...this.#readRates({ elapsedMs, done, admitted }),
      ...(isMeasured && { p50Ms: latency.percentile(50), p99Ms: latency.percentile(99) }),
      byStatus: addStatuses(parts),
      failed: sum((part) => part.failed),
      ratesBySecond: addSeconds(parts, elapsedMs),
    };
  }

  #readRates(now: Reading): Pick<LiveState, "rate" | "admittedRate"> {
    // The latest reading that is at least one second old, or else the oldest.
    const cut = this.#readings.findLastIndex(
      ({ elapsedMs }) => elapsedMs <= now.elapsedMs - RATE_SPAN_MS,
    );
    this.#readings = [...this.#readings.slice(Math.max(cut, 0)), now];
    const then = this.#readings[0]!;
    const spanMs = now.elapsedMs - then.elapsedMs;
    const perSecond = (count: number): number => (spanMs > 0 ? (count * 1000) / spanMs : 0);
    return {
      rate: perSecond(now.done - then.done),
      admittedRate: perSecond(now.admitted - then.admitted),
    };
  }
}

function addStatuses(parts: readonly LivePart[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [status, count] of parts.flatMap(({ byStatus }) => [...byStatus])) {
    sums[status] = (sums[status] ?? 0) + count;
  }
  return sums;
}

function addSeconds(parts: readonly LivePart[], elapsedMs: number): number[] {
  const secondCount = Math.max(0, Math.floor(elapsedMs / 1000));
  const firstSecond = Math.max(0, secondCount - LIVE_SECOND_COUNT_MAX);
  return Array.from({ length: secondCount - firstSecond }, (_, index) =>
    parts.reduce((total, part) => {
      const at = firstSecond + index - part.firstSecond;
      return total + (part.doneBySecond[at] ?? 0);
    }, 0),
  );
}

/** As many seconds as fit on the widest terminal. */
const LIVE_SECOND_COUNT_MAX = 120;
