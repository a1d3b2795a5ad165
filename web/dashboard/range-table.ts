// The plots in numbers: the range cut into a dozen periods, for people who cannot see or point at a plot.
// Pure. Called by table-view.ts.

import { type Column, type Columns, findFirstAtOrAfter } from "./column-store.ts";

export interface Stretch {
  /** The end of the period, which is not part of it; both ends are whole multiples of its length. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Means of the known seconds; null if there is none. */
  readonly requestsPerSecond: number | null;
  readonly refusedPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** The highest value of any second. */
  readonly latencyP99Ms: number | null;
  readonly connectionsOpen: number | null;
  readonly requestsInProgress: number | null;
}

export interface Range {
  readonly rangeMs: number;
  readonly stretchMs: number;
}

/** The periods of the range, the newest first; the newest and the oldest may be incomplete. */
export function cutIntoStretches(columns: Columns, range: Range): Stretch[] {
  const newestMs = columns.timeMs.at(-1);
  if (newestMs === undefined) return [];
  const { stretchMs } = range;
  const oldestMs = Math.max(newestMs - range.rangeMs, columns.timeMs[0]!);
  const stretches: Stretch[] = [];
  // A sample is about the second before its time: one at 12:00:05 belongs to the period that ends then.
  let toMs = Math.ceil(newestMs / stretchMs) * stretchMs;
  for (; toMs > oldestMs; toMs -= stretchMs) {
    stretches.push(summarise(columns, toMs - stretchMs, toMs));
  }
  return stretches;
}

function summarise(columns: Columns, fromMs: number, toMs: number): Stretch {
  const start = findFirstAtOrAfter(columns.timeMs, fromMs + 1);
  const end = findFirstAtOrAfter(columns.timeMs, toMs + 1);
  const mean = (column: Column): number | null => findMean(column, start, end);
  const highest = (column: Column): number | null => findHighest(column, start, end);
  return {
    fromMs,
    toMs,
    requestsPerSecond: mean(columns.requestsPerSecond),
    refusedPerSecond: mean(columns.refusedPerSecond),
    bytesPerSecond: mean(columns.bytesPerSecond),
    latencyP99Ms: highest(columns.latencyP99Ms),
    connectionsOpen: highest(columns.connectionsOpen),
    requestsInProgress: highest(columns.requestsInProgress),
  };
}

function findMean(column: Column, start: number, end: number): number | null {
  let sum = 0;
  let count = 0;
  for (let index = start; index < end; index++) {
    const value = column[index] ?? null;
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}

function findHighest(column: Column, start: number, end: number): number | null {
  let highest: number | null = null;
  for (let index = start; index < end; index++) {
    const value = column[index] ?? null;
    if (value !== null && (highest === null || value > highest)) highest = value;
  }
  return highest;
}
