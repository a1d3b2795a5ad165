import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCount, formatGrouped, formatMinute, formatSize } from "./listing-text.ts";

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

test("a date is shown to the minute (years of 4 and 6 digits)", () => {
  assert.equal(formatMinute("2026-11-23T15:00:59.999Z"), "2026-11-23 15:00");
  assert.equal(formatMinute("+275760-09-13T00:00:00.000Z"), "+275760-09-13 00:00");
});
