import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LATENCY_BUCKET_COUNT } from "../shared-memory/metrics-layout.ts";
import {
  isRoundEdge,
  LATENCY_EDGES_MS,
  latencyBucketOf,
  latencyQuantile,
} from "./latency-buckets.ts";

test("the edges go from 11.2 µs to 100 s, each at most 15 % above the one before", () => {
  assert.equal(LATENCY_EDGES_MS.length, LATENCY_BUCKET_COUNT - 1);
  assert.equal(LATENCY_EDGES_MS[0], 0.0112);
  assert.equal(LATENCY_EDGES_MS.at(-1), 100_000);
  LATENCY_EDGES_MS.slice(1).forEach((edgeMs, index) => {
    const ratio = edgeMs / LATENCY_EDGES_MS[index]!;
    assert.ok(ratio > 1.1 && ratio < 1.15, `${edgeMs}: ${ratio}`);
  });
});

test("round edges are 1, 2.5 and 5 of each power of ten", () => {
  const round = LATENCY_EDGES_MS.filter((_, bucket) => isRoundEdge(bucket));
  assert.deepEqual(round.slice(0, 6), [0.025, 0.05, 0.1, 0.25, 0.5, 1]);
  assert.deepEqual(round.slice(-4), [10_000, 25_000, 50_000, 100_000]);
});

test("a duration on an edge belongs to the bucket below it, one above it to the next", () => {
  LATENCY_EDGES_MS.forEach((edgeMs, bucket) => {
    assert.equal(latencyBucketOf(edgeMs), bucket);
    assert.equal(latencyBucketOf(edgeMs * 1.0001), bucket + 1);
  });
  assert.equal(latencyBucketOf(0), 0);
  assert.equal(latencyBucketOf(1e9), LATENCY_BUCKET_COUNT - 1);
});

function countsOf(durationsMs: readonly number[]): number[] {
  const counts = new Array<number>(LATENCY_BUCKET_COUNT).fill(0);
  for (const durationMs of durationsMs) counts[latencyBucketOf(durationMs)]!++;
  return counts;
}

test("a quantile is within one bucket of the exact one [random durations]", () => {
  const durations = fc.array(fc.double({ min: 0.02, max: 90_000, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  });
  const property = fc.property(durations, fc.constantFrom(0.5, 0.9, 0.99), (durationsMs, share) => {
    const sorted = durationsMs.toSorted((a, b) => a - b);
    const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
    const told = latencyQuantile(countsOf(durationsMs), share)!;
    assert.ok(told / exact > 0.85 && told / exact < 1.15, `${told} for ${exact}`);
  });
  fc.assert(property, { numRuns: 300 });
});

test("nothing counted has no quantile, and what took longer than all edges has the last", () => {
  assert.equal(latencyQuantile(countsOf([]), 0.5), undefined);
  assert.equal(latencyQuantile(countsOf([500_000]), 0.5), 100_000);
});
