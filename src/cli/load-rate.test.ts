import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoadStages, parseRatePerSecond, parseSpan } from "./load-rate.ts";

test("a rate alone has no end, and stages follow each other", () => {
  assert.deepEqual(parseLoadStages("500/s"), [{ durationMs: undefined, ratePerSecond: 500 }]);
  assert.deepEqual(parseLoadStages("30s@50/s, 1m@12000/m"), [
    { durationMs: 30_000, ratePerSecond: 50 },
    { durationMs: 60_000, ratePerSecond: 200 },
  ]);
  assert.deepEqual([parseRatePerSecond("0.5/s"), parseRatePerSecond("1800/h")], [0.5, 0.5]);
  assert.equal(parseSpan("10s"), 10_000);
});

for (const [text, allowed] of [
  ["500", "add the time: 500/s, 500/m or 500/h"],
  ["0/s", "give a rate such as 500/s"],
  ["1000001/s", "at most 1000000/s"],
  ["-1/s", "give a rate such as 500/s"],
  ["fast", "give a rate such as 500/s"],
  ["", "give a rate such as 500/s"],
  ["30s@50/s,200/s", "give each stage as DURATION@RATE"],
  ["50/s,200/s", "give each stage as DURATION@RATE"],
  ["30s@50/s@1", "give each stage as DURATION@RATE"],
  ["30@50/s", "add a unit: 30ms, 30s, 30m or 30h"],
  ["0s@50/s", "give a duration of at least 1ms"],
] as const) {
  test(`a rate is refused with what is allowed (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseLoadStages(text), {
      name: "UsageError",
      message: new RegExp(allowed.replaceAll("/", "\\/")),
    });
  });
}

test("a time of 0 is refused", () => {
  assert.throws(() => parseSpan("0"), { message: "give a duration of at least 1ms" });
});
