import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  LATENCY_BUCKET_COUNT,
  METRIC,
  METRIC_METHODS,
  METRIC_STATUS_CLASSES,
  METRICS_ROW_LENGTH,
  metricOfLatency,
  metricOfRequests,
  metricsBytes,
} from "../memory/metrics-layout.ts";
import {
  isRoundEdge,
  LATENCY_EDGES_MS,
  latencyBucketOf,
  latencyCounts,
  latencyQuantile,
  MetricsReader,
  requestsInAll,
  requestsOf,
  requestsOfClass,
  requestsOfMethod,
  ThreadMetrics,
} from "./thread-metrics.ts";

function memoryOf(threadCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(metricsBytes(threadCount));
}

test("each number of a row has a place of its own", () => {
  const places = [
    ...Object.values(METRIC),
    ...Array.from({ length: 16 }, (_, index) => metricOfRequests(0, index)),
    ...Array.from({ length: LATENCY_BUCKET_COUNT }, (_, index) => metricOfLatency(index)),
  ];
  assert.deepEqual(places, [...places.keys()]);
  assert.ok(places.length <= METRICS_ROW_LENGTH);
  assert.equal(METRICS_ROW_LENGTH % 16, 0);
});

test("answers are counted by method and class of status [GET 206, HEAD 304, PUT 405, unreadable]", () => {
  const memory = memoryOf(1);
  const metrics = new ThreadMetrics(memory, 1);
  metrics.answered("GET", 206, undefined, 100, 2);
  metrics.answered("GET", 429, "refused", 50, 1);
  metrics.answered("HEAD", 304, undefined, 0, 1);
  metrics.answered("PUT", 405, undefined, 10, 1);
  metrics.answered(undefined, 400, undefined, 10, 0);
  metrics.answered("OPTIONS", 503, undefined, 0, 3);
  const { all } = new MetricsReader(memory, 1).read();
  const table = METRIC_METHODS.map((_, method) =>
    METRIC_STATUS_CLASSES.map((_, statusClass) => requestsOf(all, method, statusClass)),
  );
  assert.deepEqual(table, [
    [1, 0, 1, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 2, 0],
  ]);
  assert.equal(requestsOfClass(all, 2), 3);
  assert.equal(requestsOfMethod(all, 0), 2);
  assert.equal(requestsInAll(all), 6);
  assert.equal(all[METRIC.refused], 1);
  assert.equal(all[METRIC.bodyBytes], 170);
  assert.equal(all[METRIC.durationSumMs], 8);
  assert.equal(
    latencyCounts(all).reduce((sum, count) => sum + count, 0),
    6,
  );
});

test("a status that no class is for is counted in the nearest [100, 600]", () => {
  const memory = memoryOf(1);
  const metrics = new ThreadMetrics(memory, 1);
  metrics.answered("GET", 100, undefined, 0, 0);
  metrics.answered("GET", 600, undefined, 0, 0);
  const { all } = new MetricsReader(memory, 1).read();
  assert.deepEqual([requestsOfClass(all, 0), requestsOfClass(all, 3)], [1, 1]);
});

test("threads have rows of their own, which are added up; a reading does not change afterwards", () => {
  const memory = memoryOf(3);
  const threads = [1, 2, 3].map((index) => new ThreadMetrics(memory, index));
  threads.forEach((metrics, index) => {
    for (let hits = 0; hits <= index; hits++) metrics.hit();
    metrics.connectionOpened();
    metrics.requestBegan();
  });
  threads[2]?.responseCacheHit();
  const reader = new MetricsReader(memory, 3);
  const { all, threads: rows } = reader.read();
  threads[0]?.hit();
  assert.deepEqual(
    rows.map((row) => row[METRIC.hits]),
    [1, 2, 3],
  );
  assert.deepEqual([all[METRIC.hits], all[METRIC.responseCacheHits]], [6, 1]);
  assert.deepEqual([all[METRIC.connectionsOpen], all[METRIC.requestsInProgress]], [3, 3]);
});

test("what a dead thread held is taken off, what it counted stays, and its successor goes on", () => {
  const memory = memoryOf(2);
  const dead = new ThreadMetrics(memory, 2);
  dead.connectionOpened();
  dead.requestBegan();
  dead.hit();
  const reader = new MetricsReader(memory, 2);
  reader.forgetThread(2);
  const successor = new ThreadMetrics(memory, 2);
  successor.connectionOpened();
  successor.hit();
  const { all } = reader.read();
  assert.equal(all[METRIC.hits], 2);
  assert.equal(all[METRIC.connectionsAccepted], 2);
  assert.equal(all[METRIC.connectionsOpen], 1);
  assert.equal(all[METRIC.requestsInProgress], 0);
});

test("answers of the store are counted with their round trips, failures without", () => {
  const memory = memoryOf(1);
  const metrics = new ThreadMetrics(memory, 1);
  metrics.storeAnswered(2);
  metrics.storeAnswered(0.5);
  metrics.storeFailed();
  const { all } = new MetricsReader(memory, 1).read();
  const counted = [METRIC.storeAnswers, METRIC.storeFailures, METRIC.storeRoundTripSumMs];
  assert.deepEqual(
    counted.map((at) => all[at]),
    [2, 1, 2.5],
  );
});

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
