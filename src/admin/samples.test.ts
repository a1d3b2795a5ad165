import assert from "node:assert/strict";
import { test } from "node:test";
import { METRICS_ROW_LENGTH, metricsBytes } from "../memory/metrics-layout.ts";
import { MetricsReader, ThreadMetrics } from "../metrics/thread-metrics.ts";
import { SampleHistory, sampleBetween, toColumns } from "./samples.ts";
import type { Sample } from "./snapshot.ts";

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

function sampleAt(timeMs: number): Sample {
  const nothing = new Float64Array(METRICS_ROW_LENGTH);
  return sampleBetween(nothing, nothing, 1000, timeMs);
}

function timesOf(samples: readonly Sample[]): number[] {
  return samples.map(({ timeMs }) => timeMs);
}

test("the history keeps the latest, and gives those that somebody has not had yet [3 of 5]", () => {
  const history = new SampleHistory(3);
  assert.deepEqual([history.latestNumber, history.last, history.after(0)], [0, undefined, []]);
  for (let timeMs = 1; timeMs <= 5; timeMs++) history.add(sampleAt(timeMs));
  assert.equal(history.latestNumber, 5);
  assert.equal(history.last?.timeMs, 5);
  assert.deepEqual(timesOf(history.after(0)), [3, 4, 5]);
  assert.deepEqual(timesOf(history.after(4)), [5]);
  assert.deepEqual(timesOf(history.after(5)), []);
});

test("columns hold the same numbers as the samples", () => {
  const samples = [sampleAt(1), sampleAt(2)];
  const columns = toColumns(samples);
  assert.deepEqual(Object.keys(columns).sort(), Object.keys(samples[0]!).sort());
  assert.deepEqual(columns.timeMs, [1, 2]);
  assert.deepEqual(columns.latencyP99Ms, [null, null]);
});
