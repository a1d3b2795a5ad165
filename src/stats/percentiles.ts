// Percentiles of measured values by the nearest-rank definition: every reported value was really
// measured, none is interpolated. Pure. Used by the load client's tally.

/** What is told of a set of values, in the unit of the values. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/**
 * The smallest value such that at least `percent` of all values are not above it.
 * `sorted` ascends and is not empty; `percent` lies in 0 to 100.
 */
export function percentileOf(sorted: Float64Array, percent: number): number {
  // Multiplied before it is divided: 0.07 * 100 is 7.000000000000001 and would round up a rank.
  const rank = Math.ceil((percent * sorted.length) / 100);
  return sorted[Math.max(rank, 1) - 1]!;
}
