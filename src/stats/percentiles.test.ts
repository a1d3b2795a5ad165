import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { percentileOf } from "./percentiles.ts";

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
