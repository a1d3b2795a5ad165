import assert from "node:assert/strict";
import { test } from "node:test";
import { formatWaitWords, formatWindowWords } from "./time-words.ts";

const WINDOWS: readonly (readonly [seconds: number, words: string])[] = [
  [1, "second"],
  [10, "10 seconds"],
  [60, "minute"],
  [90, "90 seconds"],
  [900, "15 minutes"],
  [3600, "hour"],
  [5400, "90 minutes"],
  [86_400, "day"],
  [129_600, "36 hours"],
  [604_800, "7 days"],
];

for (const [seconds, words] of WINDOWS) {
  test(`a window of ${seconds} s is any ${words}`, () => {
    assert.equal(formatWindowWords(seconds * 1000), words);
  });
}

const WAITS: readonly (readonly [seconds: number, words: string])[] = [
  [1, "1 second"],
  [60, "60 seconds"],
  [119, "119 seconds"],
  [120, "2 minutes"],
  [121, "3 minutes"],
  [3600, "60 minutes"],
  [7199, "120 minutes"],
  [7200, "2 hours"],
  [7201, "2 hours and 1 minute"],
  [12_000, "3 hours and 20 minutes"],
  [86_400, "24 hours"],
  [172_799, "48 hours"],
  [172_800, "2 days"],
  [176_401, "2 days and 2 hours"],
  [31_622_400, "366 days"],
];

for (const [seconds, words] of WAITS) {
  test(`a wait of ${seconds} s is told as ${words}`, () => {
    assert.equal(formatWaitWords(seconds), words);
  });
}
