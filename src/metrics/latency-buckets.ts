// The buckets that answers are counted in by their duration, and what can be read from such counts.
// Pure. Their edges are the preferred numbers of ISO 3 (twenty to a power of ten, each some 12 % above
// the one before): so 1, 2.5 and 5 are among them, which are the edges that Prometheus is told.

import {
  LATENCY_BUCKET_COUNT,
  LATENCY_BUCKETS_PER_DECADE,
  LATENCY_DECADE_COUNT,
} from "../shared-memory/metrics-layout.ts";

/** The series R20 of ISO 3. */
const STEPS = [
  ...[1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.24, 2.5, 2.8],
  ...[3.15, 3.55, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9],
];
const FIRST_DECADE_MS = 0.01;

/** The upper edge of each bucket but the last, in ms; a duration on an edge belongs below it. */
export const LATENCY_EDGES_MS: readonly number[] = Array.from(
  { length: LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT },
  (_, index) => {
    const decade = Math.floor((index + 1) / LATENCY_BUCKETS_PER_DECADE);
    const step = STEPS[(index + 1) % LATENCY_BUCKETS_PER_DECADE]!;
    // Through a decimal text: 1.12 × 0.01 is not 0.0112 in binary.
    return Number((step * FIRST_DECADE_MS * 10 ** decade).toPrecision(4));
  },
);

/** Places of 1, 2.5 and 5 in the series. */
const ROUND_STEPS: ReadonlySet<number> = new Set([0, 8, 14]);

/** Whether the upper edge of a bucket is 1, 2.5 or 5 times a power of ten. */
export function isRoundEdge(bucket: number): boolean {
  return ROUND_STEPS.has((bucket + 1) % LATENCY_BUCKETS_PER_DECADE);
}

const edges = Float64Array.from(LATENCY_EDGES_MS);

/** The bucket of a duration, 0 to LATENCY_BUCKET_COUNT - 1. */
export function latencyBucketOf(durationMs: number): number {
  let low = 0;
  let high = LATENCY_BUCKET_COUNT - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (durationMs <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The duration below which `share` of the counted answers lie, in ms, between the edges of its bucket
 * by how far into the bucket it falls; undefined when nothing was counted. Of the last bucket nothing
 * is known but its lower edge.
 * @param share 0 to 1
 */
export function latencyQuantile(counts: ArrayLike<number>, share: number): number | undefined {
  let total = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKET_COUNT; bucket++) total += counts[bucket] as number;
  if (total === 0) return undefined;
  const wanted = share * total;
  let below = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKET_COUNT; bucket++) {
    const count = counts[bucket] as number;
    if (count > 0 && below + count >= wanted) {
      const lowerMs = bucket === 0 ? 0 : (edges[bucket - 1] as number);
      const upperMs = edges[bucket] ?? lowerMs;
      return lowerMs + (upperMs - lowerMs) * ((wanted - below) / count);
    }
    below += count;
  }
  return edges.at(-1);
}
