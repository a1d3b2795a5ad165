import assert from "node:assert/strict";
import { test } from "node:test";
import { METRICS_ROW_LENGTH } from "../shared-memory/metrics-layout.ts";
import { sampleBetween, toColumns } from "./sample.ts";
import { SampleHistory } from "./sample-history.ts";
import type { Sample } from "./snapshot.ts";

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
