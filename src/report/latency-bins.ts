// A latency distribution in bins of equal width on a logarithmic scale: few enough to be drawn. Pure.
// Used by the text and the page.

import type { LatencyBucket, LatencySummary } from "../load/load-result.ts";

/** From 24 bins to a power of ten, which tells 1.0 from 1.1, to one. */
const binsPerDecade = [24, 12, 6, 3, 2, 1] as const;

/**
 * The edges of at most `binCountMax` bins (at least 9), ascending, that hold all values of the
 * summaries, of which there is at least one.
 */
export function chooseBinEdges(
  summaries: readonly LatencySummary[],
  binCountMax: number,
): number[] {
  const buckets = summaries.flatMap((summary) => summary.buckets);
  const minMs = Math.min(...buckets.map(middleOf));
  const maxMs = Math.max(...buckets.map(middleOf));
  for (const perDecade of binsPerDecade) {
    const first = Math.floor(Math.log10(minMs) * perDecade);
    const last = Math.floor(Math.log10(maxMs) * perDecade);
    const binCount = last - first + 1;
    if (binCount > binCountMax && perDecade > 1) continue;
    return Array.from({ length: binCount + 1 }, (_, index) => 10 ** ((first + index) / perDecade));
  }
  return [];
}

/** How many values lie in each bin from one edge to the next. */
export function countBins({ buckets }: LatencySummary, edges: readonly number[]): number[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  for (const bucket of buckets) {
    // A bucket belongs where its middle lies: its width is 1.6 % at most.
    const next = edges.findIndex((edge) => edge > middleOf(bucket));
    const index = next === -1 ? counts.length - 1 : next - 1;
    counts[Math.max(0, index)]! += bucket.count;
  }
  return counts;
}

/** Never 0, which has no place on a logarithmic scale: the first bucket begins there. */
function middleOf({ fromMs, toMs }: LatencyBucket): number {
  return (fromMs + toMs) / 2;
}
