import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LatencyHistogram, sparsePercentile } from "./latency-histogram.ts";
import { percentileOf } from "./statistics.ts";

const latency = fc.double({ min: 0.002, max: 3_600_000, noNaN: true });
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 });
const percent = fc.integer({ min: 0, max: 100 });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test("every percentile is within 1 % of the exact one, from 2 us to an hour", () => {
  fc.assert(
    fc.property(latencies, percent, (values, wanted) => {
      const exact = percentileOf(Float64Array.from(values).sort(), wanted);
      const found = histogramOf(values).percentile(wanted);
      assert.ok(Math.abs(found - exact) <= exact * 0.01, `${found} for ${exact}`);
    }),
  );
});

test("histograms added up are the histogram of all values", () => {
  fc.assert(
    fc.property(latencies, latencies, (some, others) => {
      const sum = histogramOf(some);
      sum.add(histogramOf(others).data);
      const whole = histogramOf([...some, ...others]).summarize()!;
      const { mean, ...rest } = sum.summarize()!;
      const { mean: wholeMean, ...wholeRest } = whole;
      assert.deepEqual(rest, wholeRest);
      assert.ok(Math.abs(mean - wholeMean) <= 1e-9 * wholeMean);
    }),
  );
});

test("count, smallest, largest and mean are exact, and a single value is its every percentile", () => {
  const { buckets, ...distribution } = histogramOf([1, 2, 3, 10]).summarize()!;
  assert.deepEqual(
    [distribution.count, distribution.min, distribution.max, distribution.mean],
    [4, 1, 10, 4],
  );
  assert.equal(buckets.length, 4);
  assert.deepEqual(
    [0, 50, 100].map((p) => histogramOf([7.3]).percentile(p)),
    [7.3, 7.3, 7.3],
  );
});

test("buckets ascend without overlapping, hold their values and are 1/64 wide", () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const { buckets } = histogramOf(values).summarize()!;
      let endMs = 0;
      for (const { fromMs, toMs, count } of buckets) {
        assert.ok(fromMs >= endMs && toMs > fromMs);
        assert.ok(toMs - fromMs <= fromMs / 64 + 1e-12, `${fromMs} to ${toMs}`);
        assert.equal(values.filter((value) => value >= fromMs && value < toMs).length, count);
        endMs = toMs;
      }
    }),
  );
});

test("0 and 100 days are counted, in the first and the last bucket", () => {
  const { count, buckets, min, max } = histogramOf([0, 8_640_000_000]).summarize()!;
  assert.deepEqual([count, buckets.length, min, max], [2, 2, 0, 8_640_000_000]);
  assert.equal(buckets[0]!.fromMs, 0);
});

test("a histogram of nothing has no summary, and neither has one that was cleared", () => {
  const histogram = histogramOf([1, 2]);
  histogram.clear();
  assert.equal(histogram.summarize(), undefined);
  assert.equal(sparsePercentile([histogram.toSparse()], 50), undefined);
});

test("sparse histograms together give the percentile of all values", () => {
  const parts = [histogramOf([1, 2, 3]).toSparse(), histogramOf([100, 200]).toSparse()];
  const found = [50, 80, 100].map((p) => Math.round(sparsePercentile(parts, p)!));
  assert.ok(Math.abs(found[0]! - 3) <= 0.03 * 3);
  assert.ok(Math.abs(found[1]! - 100) <= 1 && Math.abs(found[2]! - 200) <= 2);
});
