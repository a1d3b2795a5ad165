import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample, SampleColumns } from "../../src/admin/snapshot.ts";
import { ColumnStore, cutColumns, findFirstAtOrAfter, KEPT_MS } from "./column-store.ts";

function makeSample(timeMs: number, requestsPerSecond = 1): Sample {
  return {
    timeMs,
    requestsPerSecond,
    succeededPerSecond: requestsPerSecond,
    redirectedPerSecond: 0,
    clientErrorsPerSecond: 0,
    refusedPerSecond: 0,
    serverErrorsPerSecond: 0,
    bytesPerSecond: 10,
    latencyP50Ms: null,
    latencyP90Ms: null,
    latencyP99Ms: null,
    connectionsOpen: 2,
    requestsInProgress: 0,
  };
}

function makeHistory(samples: readonly Sample[]): SampleColumns {
  const fields = Object.keys(makeSample(0)) as (keyof Sample)[];
  return Object.fromEntries(
    fields.map((field) => [field, samples.map((sample) => sample[field])]),
  ) as unknown as SampleColumns;
}

function fill(...timesMs: number[]): ColumnStore {
  const store = new ColumnStore();
  for (const timeMs of timesMs) store.append(makeSample(timeMs, timeMs / 1000));
  return store;
}

test("samples a second apart, give or take, stand one after the other [1000, 2010, 2990]", () => {
  const { timeMs, requestsPerSecond } = fill(1000, 2010, 2990).copy();
  assert.deepEqual(timeMs, [1000, 2010, 2990]);
  assert.deepEqual(requestsPerSecond, [1, 2.01, 2.99]);
});

test("where seconds are missing stands one row of nulls [1000, 2000, 9000]", () => {
  const { timeMs, requestsPerSecond, connectionsOpen } = fill(1000, 2000, 9000).copy();
  assert.deepEqual(timeMs, [1000, 2000, 3000, 9000]);
  assert.deepEqual(requestsPerSecond, [1, 2, null, 9]);
  assert.deepEqual(connectionsOpen, [2, 2, null, 2]);
});

test("one missing second is a gap too [1000, 3000]", () => {
  assert.deepEqual(fill(1000, 3000).copy().timeMs, [1000, 2000, 3000]);
});

test("a clock that was set back writes over what it told before [1000, 2000, 3000, 2000]", () => {
  const { timeMs } = fill(1000, 2000, 3000, 2000).copy();
  assert.deepEqual(timeMs, [1000, 2000]);
});

test("times ascend after a clock was set back by a part of a second [1000, 2000, 1700]", () => {
  assert.deepEqual(fill(1000, 2000, 1700).copy().timeMs, [1000, 1700]);
});

test("a history takes the place of everything", () => {
  const store = fill(1000, 2000, 3000);
  store.replace(makeHistory([makeSample(50_000, 7), makeSample(51_000, 8), makeSample(60_000, 9)]));
  const { timeMs, requestsPerSecond, latencyP99Ms } = store.copy();
  assert.deepEqual(timeMs, [50_000, 51_000, 52_000, 60_000]);
  assert.deepEqual(requestsPerSecond, [7, 8, null, 9]);
  assert.deepEqual(latencyP99Ms, [null, null, null, null]);
});

test("an empty history leaves nothing", () => {
  const store = fill(1000);
  store.replace(makeHistory([]));
  assert.deepEqual(store.copy().timeMs, []);
});

test("an hour is kept, however long samples come", () => {
  const store = new ColumnStore();
  for (let second = 0; second < 8000; second++) store.append(makeSample(second * 1000));
  const { timeMs, bytesPerSecond } = store.copy();
  assert.equal(timeMs.length, KEPT_MS / 1000 + 1);
  assert.equal(timeMs[0], 7_999_000 - KEPT_MS);
  assert.equal(bytesPerSecond.length, timeMs.length);
});

test("memory is bounded when every second sample is missing", () => {
  const store = new ColumnStore();
  for (let second = 0; second < 20_000; second += 2) store.append(makeSample(second * 1000));
  assert.ok(store.copy().timeMs.length <= 3602);
});

test("a copy stays as it is when samples come", () => {
  const store = fill(1000, 2000);
  const copy = store.copy();
  store.append(makeSample(3000));
  assert.deepEqual(copy.timeMs, [1000, 2000]);
  assert.deepEqual(copy.requestsPerSecond, [1, 2]);
});

test("a cut has the range, both ends included, and one row before it [last 2 s of 5]", () => {
  const columns = fill(1000, 2000, 3000, 4000, 5000).copy();
  const cut = cutColumns(columns, 2000);
  assert.deepEqual(cut.timeMs, [2000, 3000, 4000, 5000]);
  assert.deepEqual(cut.requestsPerSecond, [2, 3, 4, 5]);
});

test("a cut of nothing is nothing", () => {
  assert.deepEqual(cutColumns(new ColumnStore().copy(), 60_000).timeMs, []);
});

for (const [timeMs, index] of [
  [0, 0],
  [10, 0],
  [11, 1],
  [30, 2],
  [31, 3],
] as const) {
  test(`the first time at or after is found by halving [${timeMs} in 10, 20, 30]`, () => {
    assert.equal(findFirstAtOrAfter([10, 20, 30], timeMs), index);
  });
}
