// By how much the values of one sample exceed those of another: the Hodges-Lehmann estimate and its
// exact confidence interval, which take for granted neither a normal distribution nor equal spreads
// of what is measured. Pure. Used by the comparison of load results.
//
// Hodges and Lehmann, Estimates of Location Based on Rank Tests, Annals of Mathematical Statistics 34
// (1963).

import { medianOf } from "./median.ts";
import { countRareRanks } from "./rank-sum.ts";

/** An estimate, and the bounds between which the true value lies in 95 cases of 100 or more. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** So many values of each are the fewest of which 95 % can be said at all. */
export const leastRoundCount = 4;

/** B - A. Undefined where so few values can show nothing; neither sample is empty. */
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

/** B / A, estimated as the shift of the logarithms; all values are above 0. */
export function estimateRatio(a: readonly number[], b: readonly number[]): Interval | undefined {
  const shift = estimateShift(a.map(Math.log), b.map(Math.log));
  if (shift === undefined) return undefined;
  const { estimate, low, high } = shift;
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}
