import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatCount,
  formatExactTime,
  formatGrouped,
  formatModified,
  formatSize,
} from "./listing-text.ts";

const KIB = 1024;
const SIZES: readonly (readonly [number, string])[] = [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1234, "1.2 KiB"],
  [99.94 * KIB, "99.9 KiB"],
  [99.96 * KIB, "100 KiB"],
  [1023.4 * KIB, "1023 KiB"],
  [1023.6 * KIB, "1.0 MiB"],
  [KIB ** 2, "1.0 MiB"],
  [700 * KIB ** 2, "700 MiB"],
  [2.5 * KIB ** 4, "2.5 TiB"],
  [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
  [2 ** 63, "8.0 EiB"],
  [2 ** 71, "2048 EiB"],
];

for (const [sizeBytes, expected] of SIZES) {
  test(`sizes have two or three digits that count (${sizeBytes})`, () => {
    assert.equal(formatSize(sizeBytes), expected);
  });
}

test("counts are grouped by three and know one from many (0, 1, 999, 1234567)", () => {
  assert.equal(formatGrouped(999), "999");
  assert.equal(formatGrouped(1_234_567), "1,234,567");
  assert.equal(formatCount(0, "file", "files"), "0 files");
  assert.equal(formatCount(1, "file", "files"), "1 file");
  assert.equal(formatCount(1000, "file", "files"), "1,000 files");
});

test("an exact time is shown to the second (years of 4 and 6 digits)", () => {
  assert.equal(formatExactTime("2026-11-23T15:00:59.999Z"), "2026-11-23 15:00:59 UTC");
  assert.equal(formatExactTime("+275760-09-13T00:00:00.000Z"), "+275760-09-13 00:00:00 UTC");
});

test("formatModified is ISO 8601 and never throws (fractions, NaN, beyond what Date holds)", () => {
  assert.equal(formatModified(Date.UTC(2026, 10, 23, 15) + 0.75), "2026-11-23T15:00:00.000Z");
  assert.equal(formatModified(-1), "1969-12-31T23:59:59.999Z");
  assert.equal(formatModified(-0.5), "1970-01-01T00:00:00.000Z");
  assert.equal(formatModified(Number.NaN), "1970-01-01T00:00:00.000Z");
  assert.equal(formatModified(1e300), "+275760-09-13T00:00:00.000Z");
  assert.equal(formatModified(Number.NEGATIVE_INFINITY), "-271821-04-20T00:00:00.000Z");
});

test("formatModified says what Date says (any time, and times of one day)", () => {
  const time = fc.oneof(
    fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
    fc.double({ min: 0, max: 86_400_000, noNaN: true }),
  );
  fc.assert(
    fc.property(time, (ms) => assert.equal(formatModified(ms), new Date(ms).toISOString())),
    { numRuns: 2000 },
  );
});

test("counts are grouped as the language does it (any)", () => {
  const language = new Intl.NumberFormat("en");
  fc.assert(
    fc.property(fc.nat(), (count) => assert.equal(formatGrouped(count), language.format(count))),
  );
});
