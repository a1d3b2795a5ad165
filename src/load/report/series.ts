// A load result as the few points that a plot has room for: the seconds of the run as intervals, and the
// latencies as bins of equal width on a logarithmic scale. Pure. Used by the text and the plots.

import type { LatencyBucket, LatencySummary, LoadResult, SecondCounts } from "../result.ts";
import { medianOf } from "../statistics.ts";

/** From `fromMs` up to `toMs` of the run; the rates are requests a second. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly due: number;
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
  /** The median of the medians of the seconds. */
  readonly p50Ms: number | undefined;
  /** The highest value of the seconds. */
  readonly p99Ms: number | undefined;
}

/** A shorter piece at the end is too short for a rate, so it joins the interval before it. */
const LAST_PIECE_MS_MIN = 500;

/** At most `intervalCountMax` intervals. A last second that was not complete has a true rate as well. */
export function listIntervals(result: LoadResult, intervalCountMax: number): Interval[] {
  const { seconds, durationMs } = result;
  const size = Math.ceil(seconds.length / intervalCountMax);
  const groups: SecondCounts[][] = [];
  for (let at = 0; at < seconds.length; at += size) groups.push(seconds.slice(at, at + size));
  const last = groups.at(-1);
  const isShort = last !== undefined && durationMs - last[0]!.second * 1000 < LAST_PIECE_MS_MIN;
  if (isShort && groups.length > 1) groups.at(-2)!.push(...groups.pop()!);
  return groups.map((group, index) => {
    const fromMs = group[0]!.second * 1000;
    const nextMs = (group.at(-1)!.second + 1) * 1000;
    const isLast = index === groups.length - 1;
    return makeInterval(group, fromMs, isLast && durationMs > fromMs ? durationMs : nextMs);
  });
}

function makeInterval(group: readonly SecondCounts[], fromMs: number, toMs: number): Interval {
  const rate = (read: (second: SecondCounts) => number): number =>
    (group.reduce((sum, second) => sum + read(second), 0) * 1000) / (toMs - fromMs);
  const p50s = group.flatMap(({ p50Ms }) => p50Ms ?? []);
  const p99s = group.flatMap(({ p99Ms }) => p99Ms ?? []);
  return {
    fromMs,
    toMs,
    due: rate(({ due }) => due),
    admitted: rate(({ admitted }) => admitted),
    refused: rate(({ refused }) => refused),
    failed: rate(({ failed }) => failed),
    p50Ms: p50s.length === 0 ? undefined : medianOf(p50s),
    p99Ms: p99s.length === 0 ? undefined : Math.max(...p99s),
  };
}

/** From 24 bins in a power of ten, which separate 1.0 from 1.1, down to one. */
const BINS_PER_DECADE = [24, 12, 6, 3, 2, 1] as const;

/**
 * The edges of at most `binCountMax` bins (at least 9), ascending, that hold all values of the summaries.
 * There is at least one summary.
 */
export function chooseBinEdges(
  summaries: readonly LatencySummary[],
  binCountMax: number,
): number[] {
  const buckets = summaries.flatMap((summary) => summary.buckets);
  const minMs = Math.min(...buckets.map(middleOf));
  const maxMs = Math.max(...buckets.map(middleOf));
  for (const perDecade of BINS_PER_DECADE) {
    const first = Math.floor(Math.log10(minMs) * perDecade);
    const last = Math.floor(Math.log10(maxMs) * perDecade);
    const binCount = last - first + 1;
    if (binCount > binCountMax && perDecade > 1) continue;
    return Array.from({ length: binCount + 1 }, (_, index) => 10 ** ((first + index) / perDecade));
  }
  return [];
}

/** How many values each bin holds, from one edge to the next. */
export function countBins({ buckets }: LatencySummary, edges: readonly number[]): number[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  for (const bucket of buckets) {
    // The middle of a bucket decides, because a bucket is at most 1.6 % wide.
    const next = edges.findIndex((edge) => edge > middleOf(bucket));
    const index = next === -1 ? counts.length - 1 : next - 1;
    counts[Math.max(0, index)]! += bucket.count;
  }
  return counts;
}

/** Never 0, which a logarithmic scale cannot show, although the first bucket begins there. */
function middleOf({ fromMs, toMs }: LatencyBucket): number {
  return (fromMs + toMs) / 2;
}
