import assert from "node:assert/strict";
import { test } from "node:test";
import { fileEntry, folderEntry } from "../../test/fixtures/sample-listing.ts";
import { createNameMatcher } from "./name-filter.ts";

const ENTRIES = [
  folderEntry("Rivers"),
  fileEntry("Überlauf – Größe.txt"),
  fileEntry("weir one.txt"),
  fileEntry("weir two.md"),
  fileEntry(Buffer.from([0x61, 0xff])),
];

const FILTERS: readonly (readonly [string, readonly number[]])[] = [
  ["weir", [2, 3]],
  ["TXT weir", [2]],
  ["ubErlauf grö", [1]],
  ["rivers/", [0]],
  [".*", []],
  ["a", [1, 4]],
  ["a".repeat(256), []],
];

for (const [wanted, expected] of FILTERS) {
  test(`names that hold every word match ("${wanted.slice(0, 20)}", of ${wanted.length})`, () => {
    const matches = createNameMatcher(wanted);
    assert.ok(matches !== undefined);
    const found = ENTRIES.flatMap((entry, index) => (matches(entry) ? [index] : []));
    assert.deepEqual(found, expected);
  });
}

test("every name matches where no word is given", () => {
  assert.equal(createNameMatcher(""), undefined);
  assert.equal(createNameMatcher("  "), undefined);
});
