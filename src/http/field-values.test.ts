import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatHttpDate,
  isBlank,
  parseHttpDate,
  parseRetryAfter,
  trimBlanks,
} from "./field-values.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const EXAMPLE_MS = Date.UTC(1994, 10, 6, 8, 49, 37);

const PARSED: readonly (readonly [string, number | undefined])[] = [
  ["Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE_MS],
  ["Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE_MS],
  ["Sun Nov  6 08:49:37 1994", EXAMPLE_MS],
  ["Wed Nov 16 08:49:37 1994", Date.UTC(1994, 10, 16, 8, 49, 37)],
  ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
  ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
  ["Sat, 06 Nov 0094 08:49:37 GMT", Date.parse("0094-11-06T08:49:37Z")],
  ["Fri, 30 Feb 2024 00:00:00 GMT", undefined],
  ["Mon, 00 Jan 2024 00:00:00 GMT", undefined],
  ["Mon, 32 Jan 2024 00:00:00 GMT", undefined],
  ["Mon, 01 Jan 2024 24:00:00 GMT", undefined],
  ["Mon, 01 Jan 2024 00:60:00 GMT", undefined],
  ["Mon, 01 Jan 2024 00:00:61 GMT", undefined],
  ["Mon, 31 Feb 2024 23:59:60 GMT", undefined],
  ["Mon, 1 Jan 2024 00:00:00 GMT", undefined],
  ["Mon, 01 jan 2024 00:00:00 GMT", undefined],
  ["Mon, 01 Jan 2024 00:00:00 UTC", undefined],
  ["Mon, 01 Jan 2024 00:00:00 +0000", undefined],
  ["Mon, 01 Jan 2024 00:00:00 GMT ", undefined],
  ["2024-01-01T00:00:00Z", undefined],
  ["", undefined],
  ["0", undefined],
];

for (const [text, expected] of PARSED) {
  const shown = expected === undefined ? "no date" : new Date(expected).toISOString();
  test(`RFC 9110 §5.6.7: "${text}" is ${shown}`, () => {
    assert.equal(parseHttpDate(text, NOW_MS), expected);
  });
}

/** The last two digits of a year, the year now, the year that is meant. */
const CENTURIES: readonly (readonly [string, number, number])[] = [
  ["94", 2026, 1994],
  ["00", 2026, 2000],
  ["76", 2026, 2076],
  ["77", 2026, 1977],
  ["99", 1999, 1999],
  ["50", 1999, 1950],
  ["31", 2080, 2031],
];

for (const [digits, yearNow, expected] of CENTURIES) {
  test(`RFC 9110 §5.6.7: the year ${digits}, read in ${yearNow}, is ${expected}`, () => {
    const ms = parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, Date.UTC(yearNow, 5));
    assert.equal(new Date(ms ?? Number.NaN).getUTCFullYear(), expected);
  });
}

test("formatHttpDate writes an IMF-fixdate and cuts fractions off [37.999 s]", () => {
  assert.equal(formatHttpDate(EXAMPLE_MS + 999), "Sun, 06 Nov 1994 08:49:37 GMT");
  assert.equal(formatHttpDate(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
});

test("what formatHttpDate writes, parseHttpDate reads [each hour of a leap year]", () => {
  const hourMs = 3_600_000;
  for (let ms = Date.UTC(2024, 0); ms < Date.UTC(2025, 0); ms += hourMs) {
    assert.equal(parseHttpDate(formatHttpDate(ms), NOW_MS), ms);
  }
});

test("Retry-After is seconds or a date, and nothing else", () => {
  const wallMs = Date.UTC(2026, 0, 1);
  assert.equal(parseRetryAfter("120", wallMs), 120_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", wallMs), 5000);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:05 GMT", wallMs), 0);
  for (const value of ["", "-1", "1.5", "soon", "Thu, whenever"]) {
    assert.equal(parseRetryAfter(value, wallMs), undefined, value);
  }
});

test("spaces and tabs are blanks; line breaks and other white space are none", () => {
  assert.deepEqual(
    [..." \t\n\r\u00a0a"].map((text) => isBlank(text.charCodeAt(0))),
    [true, true, false, false, false, false],
  );
});

test("blanks at the ends are left out, those inside stay [whole, a part, only blanks]", () => {
  assert.equal(trimBlanks(" \ta b\t "), "a b");
  assert.equal(trimBlanks("x, a b ,y", 2, 7), "a b");
  assert.equal(trimBlanks(" \t "), "");
  assert.equal(trimBlanks(""), "");
});
