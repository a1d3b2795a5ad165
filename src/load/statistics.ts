// Statistics of measured values: percentiles and the median, and by how much one sample exceeds another.
// Pure.
//
// The shift between two samples is the Hodges-Lehmann estimate with its exact confidence interval, which
// assumes neither a normal distribution nor equal spreads of what is measured.
//
// Mann and Whitney, On a Test of whether one of Two Random Variables is Stochastically Larger than
// the Other, Annals of Mathematical Statistics 18 (1947).
// Hodges and Lehmann, Estimates of Location Based on Rank Tests, Annals of Mathematical Statistics 34
// (1963).

/** The summary of a set of values, in the unit of the values. */
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
 * The percentile by the nearest rank: the smallest value such that at least `percent` of all values are
 * not above it. It was really measured, not interpolated. `sorted` ascends and is not empty; `percent` is
 * from 0 to 100.
 */
export function percentileOf(sorted: Float64Array, percent: number): number {
  // Multiplied before divided: 0.07 * 100 is 7.000000000000001 and would round up by one rank.
  const rank = Math.ceil((percent * sorted.length) / 100);
  return sorted[Math.max(rank, 1) - 1]!;
}

/** The middle value, or the mean of the two middle values. `values` is not empty. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = Math.floor(sorted.length / 2);
  const lower = sorted.length % 2 === 0 ? upper - 1 : upper;
  return (sorted[lower]! + sorted[upper]!) / 2;
}

/** An estimate, and bounds between which the true value lies in at least 95 of 100 cases. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The fewest values of each sample for which an interval of 95 % exists at all. */
export const LEAST_ROUND_COUNT = 4;

/** B - A. Undefined when there are too few values to show anything. Neither sample is empty. */
export function estimateShift(a: readonly number[], b: readonly number[]): Interval | undefined {
  const rankCount = countRareRanks(a.length, b.length);
  if (rankCount === 0) return undefined;
  const differences = Float64Array.from(b.flatMap((of) => a.map((from) => of - from))).sort();
  return {
    estimate: medianOf([...differences]),
    low: differences[rankCount - 1]!,
    high: differences[differences.length - rankCount]!,
  };
}

/** B / A, estimated as the shift of the logarithms. All values are above 0. */
export function estimateRatio(a: readonly number[], b: readonly number[]): Interval | undefined {
  const shift = estimateShift(a.map(Math.log), b.map(Math.log));
  if (shift === undefined) return undefined;
  const { estimate, low, high } = shift;
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}

/** Up to this many pairs U is counted exactly; beyond, the normal curve is within 0.1 %. */
const EXACT_PAIR_COUNT_MAX = 1600;

/** The quantile of the standard normal distribution for two tails of 2.5 % each. */
const NORMAL_QUANTILE = 1.959963984540054;

/** An interval of 95 % leaves out at most this share on either side. */
const TAIL_SHARE_MAX = 0.025;

/**
 * How many of the lowest values of U together have a chance of at most one in forty. U is the
 * Mann-Whitney statistic: in how many pairs of one value of each sample the first is the larger one, when
 * both samples come from the same source. 0 when even the lowest value is more likely than that: then
 * there are too few values to show anything.
 */
export function countRareRanks(countA: number, countB: number): number {
  const pairCount = countA * countB;
  if (pairCount > EXACT_PAIR_COUNT_MAX) {
    const deviation = Math.sqrt((pairCount * (countA + countB + 1)) / 12);
    return Math.max(0, Math.floor(pairCount / 2 - NORMAL_QUANTILE * deviation));
  }
  let below = 0;
  let rankCount = 0;
  for (const share of distributeRankSums(countA, countB)) {
    below += share;
    if (below > TAIL_SHARE_MAX) return rankCount;
    rankCount++;
  }
  return rankCount;
}

/** The probabilities of U = 0, 1, …, `countA * countB`; both counts are at least 1. */
export function distributeRankSums(countA: number, countB: number): Float64Array {
  // By the sample that has the largest of all values: if it is in A, it exceeds all of B.
  let previous = Array.from({ length: countB + 1 }, () => Float64Array.of(1));
  for (let a = 1; a <= countA; a++) {
    const row = [Float64Array.of(1)];
    for (let b = 1; b <= countB; b++) {
      const shares = new Float64Array(a * b + 1);
      for (const [sum, share] of previous[b]!.entries()) shares[sum + b]! += (a / (a + b)) * share;
      for (const [sum, share] of row[b - 1]!.entries()) shares[sum]! += (b / (a + b)) * share;
      row.push(shares);
    }
    previous = row;
  }
  return previous[countB]!;
}
