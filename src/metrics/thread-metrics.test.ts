import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LATENCY_BUCKET_COUNT,
  METRIC_BODY_BYTES,
  METRIC_CONNECTIONS_ACCEPTED,
  METRIC_CONNECTIONS_OPEN,
  METRIC_CONNECTIONS_REJECTED,
  METRIC_CPU_SECONDS,
  METRIC_DURATION_SUM_MS,
  METRIC_HITS,
  METRIC_HOT_FILE_HITS,
  METRIC_LOOP_DELAY_COUNT,
  METRIC_LOOP_DELAY_P50_MS,
  METRIC_LOOP_DELAY_P99_MS,
  METRIC_LOOP_DELAY_SUM_MS,
  METRIC_METHODS,
  METRIC_REFUSED,
  METRIC_REQUESTS_IN_PROGRESS,
  METRIC_STATUS_CLASSES,
  METRIC_STORE_ANSWERS,
  METRIC_STORE_FAILURES,
  METRIC_STORE_ROUND_TRIP_SUM_MS,
  METRICS_ROW_LENGTH,
  metricOfLatency,
  metricOfRequests,
  metricsBytes,
} from "../shared-memory/metrics-layout.ts";
import {
  latencyCounts,
  MetricsReader,
  requestsInAll,
  requestsOf,
  requestsOfClass,
  requestsOfMethod,
} from "./metrics-reader.ts";
import { ThreadMetrics } from "./thread-metrics.ts";

function memoryOf(threadCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(metricsBytes(threadCount));
}

test("each number of a row has a place of its own", () => {
  const places = [
    METRIC_BODY_BYTES,
    METRIC_CONNECTIONS_ACCEPTED,
    METRIC_CONNECTIONS_OPEN,
    METRIC_CONNECTIONS_REJECTED,
    METRIC_CPU_SECONDS,
    METRIC_DURATION_SUM_MS,
    METRIC_HITS,
    METRIC_HOT_FILE_HITS,
    METRIC_LOOP_DELAY_COUNT,
    METRIC_LOOP_DELAY_P50_MS,
    METRIC_LOOP_DELAY_P99_MS,
    METRIC_LOOP_DELAY_SUM_MS,
    METRIC_REFUSED,
    METRIC_REQUESTS_IN_PROGRESS,
    METRIC_STORE_ANSWERS,
    METRIC_STORE_FAILURES,
    ...Array.from({ length: 16 }, (_, index) => metricOfRequests(0, index)),
  ];
  assert.equal(new Set(places).size, places.length);
  assert.equal(Math.max(...places) + 1, metricOfLatency(0));
  const bucketsEnd = metricOfLatency(LATENCY_BUCKET_COUNT);
  assert.ok(METRIC_STORE_ROUND_TRIP_SUM_MS >= bucketsEnd);
  assert.ok(METRIC_STORE_ROUND_TRIP_SUM_MS < METRICS_ROW_LENGTH);
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
  assert.equal(all[METRIC_REFUSED], 1);
  assert.equal(all[METRIC_BODY_BYTES], 170);
  assert.equal(all[METRIC_DURATION_SUM_MS], 8);
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
  threads[2]?.hotFileHit();
  const reader = new MetricsReader(memory, 3);
  const { all, threads: rows } = reader.read();
  threads[0]?.hit();
  assert.deepEqual(
    rows.map((row) => row[METRIC_HITS]),
    [1, 2, 3],
  );
  assert.deepEqual([all[METRIC_HITS], all[METRIC_HOT_FILE_HITS]], [6, 1]);
  assert.deepEqual([all[METRIC_CONNECTIONS_OPEN], all[METRIC_REQUESTS_IN_PROGRESS]], [3, 3]);
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
  assert.equal(all[METRIC_HITS], 2);
  assert.equal(all[METRIC_CONNECTIONS_ACCEPTED], 2);
  assert.equal(all[METRIC_CONNECTIONS_OPEN], 1);
  assert.equal(all[METRIC_REQUESTS_IN_PROGRESS], 0);
});

test("answers of the store are counted with their round trips, failures without", () => {
  const memory = memoryOf(1);
  const metrics = new ThreadMetrics(memory, 1);
  metrics.storeAnswered(2);
  metrics.storeAnswered(0.5);
  metrics.storeFailed();
  const { all } = new MetricsReader(memory, 1).read();
  const counted = [METRIC_STORE_ANSWERS, METRIC_STORE_FAILURES, METRIC_STORE_ROUND_TRIP_SUM_MS];
  assert.deepEqual(
    counted.map((at) => all[at]),
    [2, 1, 2.5],
  );
});
