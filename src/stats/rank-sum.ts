// The distribution of the Mann-Whitney statistic U: of how many pairs of one value of each of two
// samples the first is the larger one, when both samples come from the same source. Pure. Used by
// shift.ts.
//
// Mann and Whitney, On a Test of whether one of Two Random Variables is Stochastically Larger than
// the Other, Annals of Mathematical Statistics 18 (1947).

/** Up to so many pairs U is counted out; beyond it the normal curve is closer than 0.1 %. */
const exactPairCountMax = 1600;

/** Of the standard normal distribution, for two tails of 2.5 % each. */
const normalQuantile = 1.959963984540054;

/** An interval that is called 95 % leaves out at most so much on either side. */
const tailShareMax = 0.025;

/**
 * How many of the lowest values of U together are as rare as one chance in forty at most. 0 when not
 * even the lowest one is: then so few values cannot show anything.
 */
export function countRareRanks(countA: number, countB: number): number {
  const pairCount = countA * countB;
  if (pairCount > exactPairCountMax) {
    const deviation = Math.sqrt((pairCount * (countA + countB + 1)) / 12);
    return Math.max(0, Math.floor(pairCount / 2 - normalQuantile * deviation));
  }
  let below = 0;
  let rankCount = 0;
  for (const share of distributeRankSums(countA, countB)) {
    below += share;
    if (below > tailShareMax) return rankCount;
    rankCount++;
  }
  return rankCount;
}

/** The probabilities of U = 0, 1, …, `countA * countB`; both counts are at least 1. */
export function distributeRankSums(countA: number, countB: number): Float64Array {
  // By the sample that holds the largest of all values: if it is A's, it exceeds all of B.
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
