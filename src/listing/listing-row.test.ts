import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decideIcon,
  formatCount,
  formatExactTime,
  formatGrouped,
  formatIconRules,
  formatModified,
  formatRelativeTime,
  formatSize,
  type IconName,
  isShownAsPicture,
} from "./listing-row.ts";

const NAMES: readonly (readonly [string, IconName])[] = [
  ["a.pdf", "text"],
  ["A.PDF", "text"],
  ["photo.jpeg", "img"],
  ["index.html", "page"],
  ["all.tar.gz", "zip"],
  ["x.constructor", "file"],
  ["README", "file"],
  ["pdf", "file"],
  ["trailing.", "file"],
  [".png", "img"],
  ["a.p\u{fffd}g", "file"],
];

for (const [name, expected] of NAMES) {
  test(`the picture follows the extension ("${name}")`, () => {
    const byteName = Buffer.from(name).toString("latin1");
    assert.equal(decideIcon({ byteName, kind: "file", sizeBytes: 0, modifiedMs: 0 }), expected);
  });
}

test('a folder is a folder whatever its name ("a.pdf")', () => {
  const facts = { byteName: "a.pdf", sizeBytes: undefined, modifiedMs: 0 };
  const entry = { ...facts, kind: "directory" } as const;
  assert.equal(decideIcon(entry), "dir");
});

test("what browsers show as a picture is one, by its extension, and a folder never is", () => {
  const shown = (byteName: string, kind: "file" | "directory" = "file") =>
    isShownAsPicture({ byteName, kind, sizeBytes: 0, modifiedMs: 0 });
  for (const extension of [
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "svg",
    "ico",
    "bmp",
    "PNG",
  ]) {
    assert.ok(shown(`a.${extension}`), extension);
  }
  for (const name of ["a.tiff", "a.heic", "a.html", "png", "a.png.gz", "a."])
    assert.ok(!shown(name), name);
  assert.ok(!shown("a.png", "directory"));
});

test("every picture is a quoted data URL that nothing ends early", () => {
  for (const rule of formatIconRules().match(/\.\w+\{.*?\}/g)!) {
    assert.match(rule, /^\.\w+\{--i:url\("data:image\/svg\+xml,[^"'()<>\\\s]+"\)\}$/);
  }
});

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
