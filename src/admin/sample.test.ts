import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsReader } from "../metrics/metrics-reader.ts";
import { ThreadMetrics } from "../metrics/thread-metrics.ts";
import { metricsBytes } from "../shared-memory/metrics-layout.ts";
import { sampleBetween } from "./sample.ts";

function newThread() {
  const memory = new SharedArrayBuffer(metricsBytes(1));
  const reader = new MetricsReader(memory, 1);
  return { metrics: new ThreadMetrics(memory, 1), read: () => reader.read().all };
}

test("a sample is what was gained between two readings, for one second [2 s apart]", () => {
  const { metrics, read } = newThread();
  metrics.answered("GET", 200, undefined, 1_000_000, 90_000);
  metrics.connectionOpened();
  const before = read();
  for (let index = 0; index < 4; index++) metrics.answered("GET", 200, undefined, 1000, 1);
  metrics.answered("GET", 304, undefined, 0, 1);
  metrics.answered("GET", 404, undefined, 100, 1);
  metrics.answered("GET", 429, "refused", 100, 1);
  metrics.answered("HEAD", 429, "refused", 0, 1);
  metrics.answered("GET", 503, undefined, 0, 1);
  metrics.answered("GET", 503, "unknown", 0, 1);
  metrics.requestBegan();
  const sample = sampleBetween(before, read(), 2000, 12_345);
  const { latencyP50Ms, latencyP90Ms, latencyP99Ms, ...rest } = sample;
  assert.deepEqual(rest, {
    timeMs: 12_345,
    requestsPerSecond: 5,
    succeededPerSecond: 2,
    redirectedPerSecond: 0.5,
    clientErrorsPerSecond: 0.5,
    refusedPerSecond: 1.5,
    serverErrorsPerSecond: 0.5,
    bytesPerSecond: 2100,
    connectionsOpen: 1,
    requestsInProgress: 1,
  });
  for (const ms of [latencyP50Ms, latencyP90Ms, latencyP99Ms])
    assert.ok(ms && ms > 0.89 && ms <= 1);
});

test("a second without answers has no latencies", () => {
  const { read } = newThread();
  const sample = sampleBetween(read(), read(), 1000, 1);
  assert.deepEqual([sample.requestsPerSecond, sample.latencyP50Ms], [0, null]);
});
