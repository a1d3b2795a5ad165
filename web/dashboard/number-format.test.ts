import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatBytes,
  formatCount,
  formatLatency,
  formatLength,
  formatMilliseconds,
  formatRate,
  formatShare,
  formatTimeOfDay,
  formatUptime,
  formatWait,
} from "./number-format.ts";

type Case<Value> = readonly [Value, string];

function check<Value>(format: (value: Value) => string, cases: readonly Case<Value>[]): void {
  for (const [value, text] of cases) {
    test(`${format.name} [${value}: ${text}]`, () => {
      assert.equal(format(value), text);
    });
  }
}

check(formatCount, [
  [0, "0"],
  [999, "999"],
  [1_234_567, "1,234,567"],
  [Number.MAX_SAFE_INTEGER, "9,007,199,254,740,991"],
]);

check<number | null>(formatRate, [
  [null, "–"],
  [0, "0"],
  [0.34, "0.3"],
  [4.96, "5.0"],
  [5, "5"],
  [9.94, "9.9"],
  [9.96, "10"],
  [20_113.4, "20,113"],
]);

check<number | null>(formatBytes, [
  [null, "–"],
  [0, "0 B"],
  [999, "999 B"],
  [1000, "0.98 KiB"],
  [1280, "1.25 KiB"],
  [348_160, "340 KiB"],
  [1_048_576, "1.00 MiB"],
  [1_073_741_823, "1.00 GiB"],
  [5e18, "4,441 PiB"],
]);

check<number | null>(formatLatency, [
  [null, "–"],
  [0, "0.00 ms"],
  [0.34, "0.34 ms"],
  [0.999, "1.00 ms"],
  [12.04, "12.0 ms"],
  [250.4, "250 ms"],
  [999.9, "1.00 s"],
  [12_345, "12.3 s"],
]);

check(formatMilliseconds, [
  [0.02, "0.02"],
  [18, "18.0"],
  [1250, "1,250"],
]);

check(formatLength, [
  [250, "250 ms"],
  [1000, "1 s"],
  [1500, "1.5 s"],
  [90_000, "90 s"],
  [300_000, "5 min"],
  [3_600_000, "1 h"],
  [900_000, "15 min"],
  [129_600_000, "36 h"],
  [86_400_000, "1 d"],
  [604_800_000, "7 d"],
]);

check(formatUptime, [
  [-5, "0 s"],
  [59_999, "59 s"],
  [302_000, "5 min 02 s"],
  [11_220_000, "3 h 07 min"],
  [1_051_200_000, "12 d 4 h"],
]);

check(formatWait, [
  [0.4, "0.4 s"],
  [12.3, "12 s"],
  [180, "3 min"],
]);

check(formatShare, [
  [0, "0 %"],
  [0.073, "7.3 %"],
  [0.0996, "10 %"],
  [1, "100 %"],
]);

test("a time of day is the local one, with or without seconds", () => {
  const timeMs = new Date(2026, 6, 4, 9, 5, 7).getTime();
  assert.equal(formatTimeOfDay(timeMs), "09:05:07");
  assert.equal(formatTimeOfDay(timeMs, false), "09:05");
});
