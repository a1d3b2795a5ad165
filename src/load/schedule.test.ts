import assert from "node:assert/strict";
import { test } from "node:test";
import { dueMs, isLate } from "./schedule.ts";

test("without a delay every submission is due at once and none is ever late", () => {
  const schedule = { kind: "closed", delayMs: 0 } as const;
  assert.deepEqual(
    [0, 1, 199].map((index) => dueMs(schedule, index)),
    [0, 0, 0],
  );
  assert.equal(isLate(schedule, 0, 1e9), false);
});

test("with a delay of 250 ms submission 4 is due after one second", () => {
  const schedule = { kind: "closed", delayMs: 250 } as const;
  assert.deepEqual(
    [0, 1, 4].map((index) => dueMs(schedule, index)),
    [0, 250, 1000],
  );
});

test("submission 4 of 250 ms is late after 1250 ms, when the next is due, and not at it", () => {
  const schedule = { kind: "closed", delayMs: 250 } as const;
  assert.equal(isLate(schedule, 4, 1250), false);
  assert.equal(isLate(schedule, 4, 1250.1), true);
});
