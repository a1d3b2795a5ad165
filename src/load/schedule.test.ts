import assert from "node:assert/strict";
import { test } from "node:test";
import { countDueBefore, dueMs, isLate, makeSchedule, makeWarmUp } from "./schedule.ts";

const closed = (delayMs: number) => makeSchedule({ kind: "closed" }, delayMs);
const open = (...stages: readonly [number | undefined, number][]) =>
  makeSchedule(
    {
      kind: "open",
      stages: stages.map(([durationMs, ratePerSecond]) => ({ durationMs, ratePerSecond })),
    },
    0,
  );

test("without a delay every submission is due at once and none is late", () => {
  assert.equal(dueMs(closed(0), 0), 0);
  assert.equal(dueMs(closed(0), 1_000_000), 0);
  assert.equal(isLate(closed(0), 5, 1e9), false);
});

test("a delay of 250 ms spaces submissions evenly, from the start", () => {
  assert.deepEqual(
    [0, 1, 4].map((index) => dueMs(closed(250), index)),
    [0, 250, 1000],
  );
  assert.equal(isLate(closed(250), 2, 750), false);
  assert.equal(isLate(closed(250), 2, 750.1), true);
});

test("a delay of 0.1 s stays exact after a million submissions", () => {
  assert.equal(dueMs(closed(100), 1_000_000), 100_000_000);
});

test("500/s is due every 2 ms without an end, and late by more than 10 ms", () => {
  const schedule = open([undefined, 500]);
  assert.deepEqual(
    [0, 1, 1_000_000].map((index) => dueMs(schedule, index)),
    [0, 2, 2_000_000],
  );
  assert.equal(schedule.endMs, Number.POSITIVE_INFINITY);
  assert.equal(isLate(schedule, 10, 30), false);
  assert.equal(isLate(schedule, 10, 30.1), true);
});

test("30s@50/s,1m@200/s has 1500 requests, then 12000, and none after", () => {
  const schedule = open([30_000, 50], [60_000, 200]);
  assert.equal(dueMs(schedule, 1499), 29_980);
  assert.equal(dueMs(schedule, 1500), 30_000);
  assert.equal(dueMs(schedule, 1501), 30_005);
  assert.equal(dueMs(schedule, 13_499), 89_995);
  assert.equal(dueMs(schedule, 13_500), Number.POSITIVE_INFINITY);
  assert.equal(schedule.endMs, 90_000);
  assert.equal(isLate(schedule, 13_499, 90_006), true);
});

test("as many are due before a moment as have their own moment before it", () => {
  for (const schedule of [
    open([undefined, 3]),
    open([1000, 7], [500, 0.5], [2000, 33]),
    closed(30),
  ]) {
    for (const ms of [0, 0.1, 30, 999.9, 1000, 1000.1, 1500, 2000, 3499, 5000]) {
      let count = 0;
      while (dueMs(schedule, count) < ms) count++;
      assert.equal(countDueBefore(schedule, ms), count, `before ${ms}`);
    }
  }
});

test("the warm-up goes on at the pace of the first stage", () => {
  const stages = [
    { durationMs: 1000, ratePerSecond: 10 },
    { durationMs: 1000, ratePerSecond: 99 },
  ];
  const warmUp = makeWarmUp({ model: { kind: "open", stages }, delayMs: 0 });
  assert.equal(dueMs(warmUp, 100), 10_000);
  assert.equal(dueMs(makeWarmUp({ model: { kind: "closed" }, delayMs: 50 }), 3), 150);
});
