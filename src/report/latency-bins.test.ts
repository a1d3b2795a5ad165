import assert from "node:assert/strict";
import { test } from "node:test";
import { latency, openResult } from "../../test/fixtures/load-results.ts";
import type { LatencySummary } from "../load/load-result.ts";
import { chooseBinEdges, countBins } from "./latency-bins.ts";

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
