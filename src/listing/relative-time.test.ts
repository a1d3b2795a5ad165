import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatRelativeTime } from "./relative-time.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 15);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, and how that is told; negative is yet to come. */
const TIMES: readonly (readonly [number, string])[] = [
  [0, "just now"],
  [MINUTE_MS - 1, "just now"],
  [1 - MINUTE_MS, "just now"],
  [MINUTE_MS, "1 minute ago"],
  [5.9 * MINUTE_MS, "5 minutes ago"],
  [HOUR_MS - 1, "59 minutes ago"],
  [HOUR_MS, "1 hour ago"],
  [3 * HOUR_MS, "3 hours ago"],
  [DAY_MS - 1, "23 hours ago"],
  [DAY_MS, "yesterday"],
  [2 * DAY_MS - 1, "yesterday"],
  [2 * DAY_MS, "2 days ago"],
  [30 * DAY_MS, "30 days ago"],
  [31 * DAY_MS, "1 month ago"],
  [125 * DAY_MS, "4 months ago"],
  [365 * DAY_MS, "11 months ago"],
  [366 * DAY_MS, "1 year ago"],
  [800 * DAY_MS, "2 years ago"],
  [-3 * HOUR_MS, "in 3 hours"],
  [-DAY_MS, "tomorrow"],
  [-40 * DAY_MS, "in 1 month"],
];

for (const [passedMs, expected] of TIMES) {
  test(`a time is told by whole units that have passed (${passedMs} ms: ${expected})`, () => {
    assert.equal(formatRelativeTime(NOW_MS - passedMs, NOW_MS), expected);
  });
}

test("a time that is none, or beyond all calendars, gets words too (NaN, Infinity)", () => {
  assert.equal(formatRelativeTime(Number.NaN, NOW_MS), "just now");
  assert.match(formatRelativeTime(-8.64e15, NOW_MS), /^\d{6} years ago$/);
  assert.match(formatRelativeTime(8.64e15, NOW_MS), /^in \d{6} years$/);
});

test("no unit is told as none or as more than makes the next one (any time)", () => {
  const most: Record<string, number> = { minute: 59, hour: 23, day: 30, month: 11 };
  fc.assert(
    fc.property(fc.double({ min: -8e15, max: 8e15, noNaN: true }), (passedMs) => {
      const text = formatRelativeTime(NOW_MS - passedMs, NOW_MS);
      const found = /^(?:in )?(\d+) ([a-z]+?)(s?)(?: ago)?$/.exec(text);
      if (found === null) return assert.match(text, /^(just now|yesterday|tomorrow)$/);
      const [, count = "", unit = "", plural] = found;
      assert.ok(Number(count) >= 1 && Number(count) <= (most[unit] ?? Number.POSITIVE_INFINITY));
      assert.equal(plural === "s", count !== "1", text);
    }),
    { numRuns: 2000 },
  );
});
