import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatDisplayName,
  formatDisplayPath,
  formatEntryHref,
  formatHrefPath,
  formatModified,
} from "./listing-entry.ts";

test("a name that is not UTF-8 is shown with U+FFFD (f ff .pdf)", () => {
  assert.equal(formatDisplayName(Buffer.from([0x66, 0xff, 0x2e, 0x70])), "f\ufffd.p");
});

test("paths begin and end with a slash (root, one, two segments)", () => {
  const [docs, odd] = [Buffer.from("docs"), Buffer.from("a\nb c")];
  assert.equal(formatDisplayPath([]), "/");
  assert.equal(formatHrefPath([]), "/");
  assert.equal(formatDisplayPath([docs, odd]), "/docs/a\\nb c/");
  assert.equal(formatHrefPath([docs, odd]), "/docs/a%0Ab%20c/");
});

test("the href of a directory ends in a slash, that of a file does not", () => {
  const nameBytes = Buffer.from("a b");
  const facts = { nameBytes, modifiedMs: 0 };
  const directory = { ...facts, kind: "directory", sizeBytes: undefined } as const;
  const file = { ...facts, kind: "file", sizeBytes: 1 } as const;
  assert.equal(formatEntryHref("/docs/", directory), "/docs/a%20b/");
  assert.equal(formatEntryHref("/docs/", file), "/docs/a%20b");
});

test("formatModified is ISO 8601 and never throws (fractions, NaN, beyond what Date holds)", () => {
  assert.equal(formatModified(Date.UTC(2026, 10, 23, 15) + 0.75), "2026-11-23T15:00:00.000Z");
  assert.equal(formatModified(-1), "1969-12-31T23:59:59.999Z");
  assert.equal(formatModified(Number.NaN), "1970-01-01T00:00:00.000Z");
  assert.equal(formatModified(1e300), "+275760-09-13T00:00:00.000Z");
  assert.equal(formatModified(Number.NEGATIVE_INFINITY), "-271821-04-20T00:00:00.000Z");
});
