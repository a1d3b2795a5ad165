import assert from "node:assert/strict";
import { test } from "node:test";
import { Sample } from "./sample.ts";

test("a sample of nothing has no distribution", () => {
  assert.equal(new Sample().summarize(), undefined);
});

test("3000 values, more than the first capacity, are all kept and sorted by number", () => {
  const sample = new Sample();
  for (let value = 3000; value >= 1; value--) sample.record(value);
  assert.deepEqual(sample.summarize(), {
    count: 3000,
    min: 1,
    p50: 1500,
    p90: 2700,
    p99: 2970,
    max: 3000,
    mean: 1500.5,
  });
});

test("beyond its bound of 100 a sample keeps count, min, max and mean of 10000 values exact", () => {
  // A fixed generator (Park and Miller), so that the sample is the same on every run.
  let state = 42;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const sample = new Sample(100, random);
  for (let value = 1; value <= 10_000; value++) sample.record(value);
  const { count, min, max, mean, p50 } = sample.summarize()!;
  assert.deepEqual([count, min, max, mean], [10_000, 1, 10_000, 5000.5]);
  // Kept were 100 of 10000 at random: their middle is near the middle, and not in the first 100.
  assert.ok(p50 > 3000 && p50 < 7000, `p50 is ${p50}`);
});

test("summarizing twice, with a value recorded in between, counts that value", () => {
  const sample = new Sample();
  sample.record(2);
  assert.equal(sample.summarize()!.max, 2);
  sample.record(3);
  assert.deepEqual(sample.summarize(), {
    count: 2,
    min: 2,
    p50: 2,
    p90: 3,
    p99: 3,
    max: 3,
    mean: 2.5,
  });
});
