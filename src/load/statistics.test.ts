import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  countRareRanks,
  distributeRankSums,
  estimateRatio,
  estimateShift,
  LEAST_ROUND_COUNT,
  medianOf,
  percentileOf,
} from "./statistics.ts";

/** The definition itself, by counting: the smallest value that enough values do not exceed. */
function naivePercentile(values: readonly number[], percent: number): number {
  const candidates = [...values].sort((a, b) => a - b);
  return candidates.find((candidate) => {
    const notAboveCount = values.filter((value) => value <= candidate).length;
    return notAboveCount * 100 >= percent * values.length;
  })!;
}

test("percentiles agree with the counted definition for any values and any whole percent", () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 100 }), (some, percent) => {
      const sorted = Float64Array.from(some).sort();
      assert.equal(percentileOf(sorted, percent), naivePercentile(some, percent));
    }),
  );
});

test("p50 of 1..10 is 5, p90 is 9, p99 and p100 are 10, p0 is 1", () => {
  const sorted = Float64Array.from({ length: 10 }, (_, index) => index + 1);
  const found = [0, 50, 90, 99, 100].map((percent) => percentileOf(sorted, percent));
  assert.deepEqual(found, [1, 5, 9, 10, 10]);
});

test("p7 of 100 values is the 7th and not, by a rounding error, the 8th", () => {
  const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(percentileOf(sorted, 7), 7);
});

test("every percentile of a single value is that value", () => {
  const sorted = Float64Array.of(42);
  for (const percent of [0, 1, 50, 99, 100]) assert.equal(percentileOf(sorted, percent), 42);
});

const medians: [values: number[], median: number][] = [
  [[7], 7],
  [[3, 1], 2],
  [[10, 9, 2], 9],
  [[4, 1, 3, 2], 2.5],
  [[-1, -2, 100], -1],
];

for (const [values, median] of medians) {
  test(`the median of ${values.join(", ")} is ${median}`, () => {
    assert.equal(medianOf(values), median);
  });
}

test("the values stay in their order", () => {
  const values = [3, 1, 2];
  medianOf(values);
  assert.deepEqual(values, [3, 1, 2]);
});

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("1, 2, 3, 4 and 11, 12, 14, 18: worked out by hand", () => {
  // The 16 differences: 7 8 8 9 9 10 10 10 11 11 12 13 14 15 16 17; one is cut off on either side.
  const shift = estimateShift([1, 2, 3, 4], [11, 12, 14, 18]);
  assert.deepEqual(shift, { estimate: 10.5, low: 7, high: 17 });
});

test("equal samples have no shift, and the interval holds 0", () => {
  const values = [5, 6, 7, 8, 9];
  const shift = estimateShift(values, values);
  assert.ok(shift !== undefined);
  assert.equal(shift.estimate, 0);
  assert.ok(shift.low < 0 && shift.high > 0, JSON.stringify(shift));
});

test("B against A is the opposite of A against B [7 and 6 values]", () => {
  const a = [1.5, 2.25, 9, 4, 3, 8.5, 7];
  const b = [12, 3.5, 6, 11, 0.5, 5];
  const [there, back] = [estimateShift(a, b)!, estimateShift(b, a)!];
  assert.deepEqual(
    [back.estimate, back.low, back.high],
    [-there.estimate, -there.high, -there.low],
  );
});

test("one value of each, or three of each, show nothing; four of each are the fewest", () => {
  assert.equal(estimateShift([1], [100]), undefined);
  assert.equal(estimateShift([1, 2, 3], [101, 102, 103]), undefined);
  assert.equal(LEAST_ROUND_COUNT, 4);
  assert.notEqual(estimateShift([1, 2, 3, 4], [101, 102, 103, 104]), undefined);
});

test("a ratio of 2 is found whatever the unit [1 to 7, and twice as much]", () => {
  const a = [1, 2, 3, 4, 5, 6, 7];
  const ratio = estimateRatio(
    a,
    a.map((value) => 2 * value),
  )!;
  assert.ok(Math.abs(ratio.estimate - 2) < 1e-12, `${ratio.estimate}`);
  const inMicroseconds = estimateRatio(
    a.map((value) => 1000 * value),
    a.map((value) => 2000 * value),
  )!;
  assert.ok(Math.abs(inMicroseconds.low - ratio.low) < 1e-12);
  assert.ok(ratio.low < 2 && ratio.high > 2);
});

test("the interval of 7 and 7 skewed values holds the true shift in 95 of 100 cases", () => {
  const random = makeRandom(7);
  // Exponential, as latencies are: a mean and its standard error would be misled by the tail.
  const draw = (shift: number) => Array.from({ length: 7 }, () => shift - Math.log(1 - random()));
  const caseCount = 4000;
  let heldCount = 0;
  for (let index = 0; index < caseCount; index++) {
    const { low, high } = estimateShift(draw(0), draw(3))!;
    if (low <= 3 && 3 <= high) heldCount++;
  }
  // 96.2 % by the exact distribution; three standard deviations of the count are 0.9 %.
  assert.ok(Math.abs(heldCount / caseCount - 0.962) < 0.01, `${heldCount} of ${caseCount}`);
});

/** All orders of `countA` values of A and `countB` of B, each as often as it can come. */
function countOut(countA: number, countB: number): number[] {
  const counts = new Array<number>(countA * countB + 1).fill(0);
  const place = (a: number, b: number, sum: number): void => {
    if (a === 0 && b === 0) {
      counts[sum]!++;
      return;
    }
    // The next value upwards: one of A exceeds all of B that are placed already.
    if (a > 0) place(a - 1, b, sum + (countB - b));
    if (b > 0) place(a, b - 1, sum);
  };
  place(countA, countB, 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

for (const [countA, countB] of [
  [1, 1],
  [2, 3],
  [4, 4],
  [5, 2],
  [6, 5],
] as const) {
  test(`the distribution for ${countA} and ${countB} values is that of all their orders`, () => {
    const expected = countOut(countA, countB);
    const shares = distributeRankSums(countA, countB);
    assert.equal(shares.length, expected.length);
    for (const [index, share] of shares.entries()) {
      assert.ok(Math.abs(share - expected[index]!) < 1e-12, `${index}: ${share}`);
    }
  });
}

// The published critical values of U for two tails of 5 % together, and one more: 0 is a rank, too.
const published: [countA: number, countB: number, critical: number][] = [
  [4, 4, 0],
  [5, 5, 2],
  [5, 8, 6],
  [7, 7, 8],
  [10, 10, 23],
  [20, 20, 127],
];

for (const [countA, countB, critical] of published) {
  test(`the critical value for ${countA} and ${countB} values is ${critical}, as in the tables`, () => {
    assert.equal(countRareRanks(countA, countB), critical + 1);
  });
}

test("of 3 and 3 values, or of 1 and 30, no order is rare enough", () => {
  assert.deepEqual([countRareRanks(3, 3), countRareRanks(1, 30)], [0, 0]);
});

test("where the exact count ends (40 and 40, 41 and 41) the normal curve goes on", () => {
  const [exact, normal] = [countRareRanks(40, 40), countRareRanks(41, 41)];
  // By hand: 840.5 - 1.96 × sqrt(1681 × 83 / 12) = 629.1; a row more costs the exact one 33.
  assert.equal(normal, 629);
  assert.ok(exact < normal && normal - exact < 40, `${exact}, ${normal}`);
});
