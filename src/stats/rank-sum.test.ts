import assert from "node:assert/strict";
import { test } from "node:test";
import { countRareRanks, distributeRankSums } from "./rank-sum.ts";

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
