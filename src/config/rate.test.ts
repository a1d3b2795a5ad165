import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRate } from "./rate.ts";
import { UsageError } from "./usage-error.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is typed, the window in milliseconds, and how it is shown. */
const RATES: readonly (readonly [typed: string, windowMs: number, shown: string])[] = [
  ["5/s", SECOND, "5/s"],
  ["100/m", MINUTE, "100/m"],
  ["1/h", HOUR, "1/h"],
  ["1000/d", DAY, "1000/d"],
  ["007/s", SECOND, "7/s"],
  ["1000000/s", SECOND, "1000000/s"],
  ["100/15m", 15 * MINUTE, "100/15m"],
  ["10/10s", 10 * SECOND, "10/10s"],
  ["1/30s", 30 * SECOND, "1/30s"],
  ["1/7d", 7 * DAY, "1/7d"],
  ["1/366d", 366 * DAY, "1/366d"],
  // The same window is shown alike, however it is written.
  ["10/60s", MINUTE, "10/m"],
  ["10/1m", MINUTE, "10/m"],
  ["10/90m", 90 * MINUTE, "10/90m"],
  ["10/24h", DAY, "10/d"],
  ["10/1h30m", 90 * MINUTE, "10/90m"],
  ["10/1.5h", 90 * MINUTE, "10/90m"],
  ["10/1.1h", 66 * MINUTE, "10/66m"],
  ["10/2000ms", 2 * SECOND, "10/2s"],
  // As people write it elsewhere.
  ["5 / s", SECOND, "5/s"],
  [" 5/s ", SECOND, "5/s"],
  ["5/sec", SECOND, "5/s"],
  ["5/second", SECOND, "5/s"],
  ["5/Second", SECOND, "5/s"],
  ["300/min", MINUTE, "300/m"],
  ["100/15 minutes", 15 * MINUTE, "100/15m"],
  ["10/hr", HOUR, "10/h"],
  ["10/day", DAY, "10/d"],
  ["10r/s", SECOND, "10/s"],
  ["10r/m", MINUTE, "10/m"],
  ["10 req/s", SECOND, "10/s"],
  ["100 requests per minute", MINUTE, "100/m"],
  ["1 request per 30 seconds", 30 * SECOND, "1/30s"],
  ["5rps", SECOND, "5/s"],
  ["300 RPM", MINUTE, "300/m"],
  ["10rph", HOUR, "10/h"],
];

for (const [typed, windowMs, text] of RATES) {
  test(`the rate ${JSON.stringify(typed)} is ${text}`, () => {
    const count = Number.parseInt(typed, 10);
    assert.deepEqual(parseRate(typed), { count, windowMs, text });
    // What is shown can be typed.
    assert.deepEqual(parseRate(text), parseRate(typed));
  });
}

test("off is no limit", () => assert.equal(parseRate("off"), undefined));

const FORMS =
  /^give N\/s, N\/m, N\/h or N\/d, or a window such as 100\/15m, with N from 1 to 1000000; or off$/;
const WHOLE = /^give a window of whole seconds, such as 5\/s or 10\/30s$/;

const REFUSED: readonly (readonly [typed: string, why: RegExp])[] = [
  ["5", /^add the time: 5\/s, 5\/m or 5\/h$/],
  ["", FORMS],
  ["0/s", FORMS],
  ["0", FORMS],
  ["1000001/s", FORMS],
  ["0.5/s", FORMS],
  ["-5/s", FORMS],
  ["5/", FORMS],
  ["/s", FORMS],
  ["5/w", FORMS],
  // A month or a minute.
  ["5/M", FORMS],
  ["5/15", FORMS],
  ["5/s/s", FORMS],
  ["5/m30s", FORMS],
  ["5pers", FORMS],
  ["5 s", FORMS],
  ["five/s", FORMS],
  ["OFF", FORMS],
  ["5/0s", WHOLE],
  ["10/500ms", WHOLE],
  ["10/1.5s", WHOLE],
  ["10/1s500ms", WHOLE],
  ["1/367d", /^give a window of at most 366 days$/],
  ["1/99999999999999h", /^give a window of at most 366 days$/],
  [`5/${"1s".repeat(5000)}`, FORMS],
];

for (const [typed, why] of REFUSED) {
  test(`the rate ${JSON.stringify(typed.slice(0, 40))} is refused`, () => {
    assert.throws(() => parseRate(typed), { name: UsageError.name, message: why });
  });
}
