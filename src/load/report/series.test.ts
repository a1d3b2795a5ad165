import assert from "node:assert/strict";
import { test } from "node:test";
import { latency, limitedResult, openResult } from "../../../test/fixtures/load-results.ts";
import type { LatencySummary, LoadResult } from "../result.ts";
import { chooseBinEdges, countBins, listIntervals } from "./series.ts";

test("a run of 0.12 s is one interval of that length, with the rates of the whole run", () => {
  const [interval, ...others] = listIntervals(limitedResult, 600);
  assert.deepEqual(others, []);
  assert.deepEqual([interval!.fromMs, interval!.toMs], [0, 120]);
  assert.ok(Math.abs(interval!.admitted - limitedResult.rate.admitted) < 1e-9);
});

test("the last 20 ms of 10.02 s go with the second before them", () => {
  const intervals = listIntervals(openResult, 600);
  assert.equal(intervals.length, 10);
  const { fromMs, toMs, admitted } = intervals.at(-1)!;
  assert.deepEqual([fromMs, toMs], [9000, 10_020]);
  assert.ok(Math.abs(admitted - 96 / 1.02) < 1e-9, `${admitted}`);
});

test("intervals follow each other without gaps, and hold all requests [1000 s in 600 at most]", () => {
  const seconds = Array.from({ length: 1000 }, (_, second) => ({
    ...openResult.seconds[second % 10]!,
    second,
  }));
  const long: LoadResult = { ...openResult, seconds, durationMs: 1_000_000 };
  const intervals = listIntervals(long, 600);
  assert.equal(intervals.length, 500);
  for (const [index, { fromMs }] of intervals.entries()) {
    assert.equal(fromMs, index === 0 ? 0 : intervals[index - 1]!.toMs);
  }
  const sum = intervals.reduce(
    (total, { admitted, fromMs, toMs }) => total + (admitted * (toMs - fromMs)) / 1000,
    0,
  );
  const expected = seconds.reduce((total, { admitted }) => total + admitted, 0);
  assert.ok(Math.abs(sum - expected) < 1e-6);
});

test("the latencies of two seconds are the median of the medians and the highest p99", () => {
  const [first, ...others] = listIntervals(
    { ...openResult, seconds: openResult.seconds.slice(4, 6) },
    1,
  );
  assert.deepEqual(others, []);
  assert.deepEqual([first!.p50Ms, first!.p99Ms], [(0.8 + 300) / 2, 1010]);
});

test("a run without seconds has no interval", () => {
  assert.deepEqual(listIntervals({ ...limitedResult, seconds: [] }, 600), []);
});

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

test("the bins hold every value once, whatever their number [9, 16, 40]", () => {
  for (const binCountMax of [9, 16, 40]) {
    for (const summary of [latency, openResult.latencyFromDueMs!.all!]) {
      const edges = chooseBinEdges([summary], binCountMax);
      const counts = countBins(summary, edges);
      assert.ok(counts.length <= binCountMax, `${counts.length} bins`);
      assert.equal(sum(counts), sum(summary.buckets.map(({ count }) => count)));
      assert.ok(counts[0]! > 0 && counts.at(-1)! > 0, "a bin at the end is empty");
    }
  }
});

test("the edges ascend by one factor, and hold the values of all summaries", () => {
  const edges = chooseBinEdges([latency, openResult.latencyFromDueMs!.all!], 20);
  const factors = edges.slice(1).map((edge, index) => edge / edges[index]!);
  for (const factor of factors) assert.ok(Math.abs(factor - factors[0]!) < 1e-9);
  assert.ok(edges[0]! <= 0.51 && edges.at(-1)! >= 1016, `${edges[0]} to ${edges.at(-1)}`);
});

test("values of one bucket make one bin [1000 of 0 to 0.001 ms]", () => {
  const buckets = [{ fromMs: 0, toMs: 0.001, count: 1000 }];
  const summary: LatencySummary = { ...latency, buckets };
  const edges = chooseBinEdges([summary], 16);
  assert.deepEqual(countBins(summary, edges), [1000]);
  assert.ok(edges[0]! > 0);
});

test("without any value there is no bin", () => {
  assert.deepEqual(countBins({ ...latency, buckets: [] }, []), []);
});
