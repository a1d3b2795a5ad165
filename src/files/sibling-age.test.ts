import assert from "node:assert/strict";
import { test } from "node:test";
import { ageOfSibling } from "./sibling-age.ts";

/** A whole second, in milliseconds. */
const S = 1_790_000_000_000;

/** Times of a sibling and of its file, as tools leave them. */
const AGES: readonly (readonly [what: string, siblingMs: number, fileMs: number, age: string])[] = [
  ["the same time", S + 123.456789, S + 123.456789, "current"],
  ["newer", S + 5000.5, S + 123.456, "current"],
  ["brotli -k: the second of the file", S, S + 999.999, "current"],
  ["brotli -k: the whole second before", S - 1000, S + 1, "perhaps older"],
  ["both in whole seconds, one apart", S, S + 1000, "perhaps older"],
  ["both in whole seconds, a minute apart", S, S + 60_000, "older"],
  ["a file in whole seconds, a sibling before", S + 999.5, S + 1000, "perhaps older"],
  ["a file in whole seconds, its sibling of a fine time behind", S + 0.7, S, "current"],
  ["in whole milliseconds", S + 123, S + 123.456789, "current"],
  ["in whole milliseconds, one before", S + 122, S + 123.456789, "perhaps older"],
  ["in hundredths", S + 120, S + 127.5, "current"],
  ["in whole microseconds", S + 123.456, S + 123.456789, "current"],
  ["copied a moment before", S + 123.456, S + 127.456, "perhaps older"],
  ["an odd second that FAT does not keep", S, S + 1999, "perhaps older"],
  ["10 s before", S + 0.25, S + 10_000.25, "perhaps older"],
  ["more than 10 s before", S + 0.25, S + 10_001.25, "older"],
  ["before 1970", -60_000.5, -1000.25, "older"],
  ["of 1970 both", 0, 0, "current"],
];

for (const [what, siblingMs, fileMs, age] of AGES) {
  test(`a sibling is ${age}: ${what}`, () => assert.equal(ageOfSibling(siblingMs, fileMs), age));
}

test("whatever step a tool keeps times in, a copied time is not older (1,000 times and 4 steps)", () => {
  for (let turn = 0; turn < 1000; turn++) {
    // As the system tells it: nanoseconds, rounded to a double of milliseconds.
    const fileMs = (S * 1000 + Math.floor(Math.random() * 1e10)) / 1000 + 0.000_5;
    for (const stepMs of [0.001, 1, 10, 1000]) {
      const siblingMs = Math.floor(fileMs / stepMs) * stepMs;
      assert.equal(ageOfSibling(siblingMs, fileMs), "current", `${siblingMs} ${fileMs}`);
    }
  }
});
