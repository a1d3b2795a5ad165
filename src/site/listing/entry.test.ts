import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDisplayName, formatDisplayPath, formatEntryHref, formatHrefPath } from "./entry.ts";

test("a name that is not UTF-8 is shown with U+FFFD (f ff .pdf)", () => {
  assert.equal(formatDisplayName("f\xff.p"), "f\ufffd.p");
});

test("paths begin and end with a slash (root, one, two segments)", () => {
  const [docs, odd] = ["docs", "a\nb c"];
  assert.equal(formatDisplayPath([]), "/");
  assert.equal(formatHrefPath([]), "/");
  assert.equal(formatDisplayPath([docs, odd]), "/docs/a\\nb c/");
  assert.equal(formatHrefPath([docs, odd]), "/docs/a%0Ab%20c/");
});

test("the href of a directory ends in a slash, that of a file does not", () => {
  const facts = { byteName: "a b", modifiedMs: 0 };
  const directory = { ...facts, kind: "directory", sizeBytes: undefined } as const;
  const file = { ...facts, kind: "file", sizeBytes: 1 } as const;
  assert.equal(formatEntryHref("/docs/", directory), "/docs/a%20b/");
  assert.equal(formatEntryHref("/docs/", file), "/docs/a%20b");
});

test("a name that is linked as it is and one that is not lead to their very bytes", () => {
  const hrefOf = (byteName: string) =>
    formatEntryHref("/", { byteName, kind: "file", sizeBytes: 1, modifiedMs: 0 });
  assert.equal(hrefOf("aZ09._~-"), "/aZ09._~-");
  assert.equal(hrefOf("100%+\xe4\n"), "/100%25%2B%E4%0A");
  // A line break at the end is no end of a name.
  assert.equal(hrefOf("a\n"), "/a%0A");
});
