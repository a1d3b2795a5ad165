import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTimeUnit, formatTick, formatTickMs, formatTickPercent } from "./tick-text.ts";

test("ticks are written as short as they are round", () => {
  assert.deepEqual([0, 0.05, 2, 2000, 1_500_000].map(formatTick), [
    "0",
    "0.05",
    "2",
    "2,000",
    "1.5 M",
  ]);
  assert.deepEqual([0.02, 50, 1000, 5000].map(formatTickMs), ["0.02 ms", "50 ms", "1 s", "5 s"]);
  assert.equal(formatTickPercent(20), "20 %");
});

test("an axis of 10 s is in seconds, one of 10 min in minutes, one of a day in hours", () => {
  const names = [10_000, 600_000, 86_400_000].map((spanMs) => chooseTimeUnit(spanMs).name);
  assert.deepEqual(names, ["seconds", "minutes", "hours"]);
});
