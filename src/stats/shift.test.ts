import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateRatio, estimateShift, leastRoundCount } from "./shift.ts";

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
  assert.equal(leastRoundCount, 4);
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
