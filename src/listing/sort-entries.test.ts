import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fileEntry,
  folderEntry,
  listingOf,
  type SampleEntry,
} from "../../test/fixtures/sample-listing.ts";
import type { DirectoryEntry } from "./listing-entry.ts";
import { type ListingOrder, orderPlaces, sortByName } from "./sort-entries.ts";
import { runWhole } from "./time-slice.ts";

/** The entries as they are listed. */
function sortEntries(entries: readonly SampleEntry[], order: ListingOrder): DirectoryEntry[] {
  const { content } = listingOf([], entries);
  const sorted = content.entries as readonly SampleEntry[];
  const hitsAt = (place: number) => sorted[place]!.hits;
  const all = Uint32Array.from(sorted, (_, place) => place);
  const places = runWhole(orderPlaces({ ...content, hitsAt }, order, all)).result;
  return Array.from(places, (place) => sorted[place]!);
}

function readNames(entries: readonly DirectoryEntry[]): string {
  return entries.map((entry) => entry.byteName).join(" ");
}

const ENTRIES = [
  fileEntry("b10", { sizeBytes: 5, hits: 1, modifiedMs: 30 }),
  folderEntry("z", { hits: 9, modifiedMs: 10 }),
  fileEntry("b2", { sizeBytes: 5, hits: 7, modifiedMs: 10 }),
  fileEntry("A", { sizeBytes: 900, hits: 7, modifiedMs: 20 }),
  folderEntry("c", { hits: 1, modifiedMs: 20 }),
];

const ORDERS: readonly (readonly [ListingOrder["by"], ListingOrder["order"], string])[] = [
  ["name", "asc", "c z A b2 b10"],
  ["name", "desc", "z c b10 b2 A"],
  ["size", "asc", "c z b2 b10 A"],
  ["size", "desc", "c z A b2 b10"],
  ["modified", "asc", "z c b2 A b10"],
  ["modified", "desc", "c z b10 A b2"],
  ["hits", "asc", "c z b10 A b2"],
  ["hits", "desc", "z c A b2 b10"],
];

for (const [by, order, expected] of ORDERS) {
  test(`folders stand first and what is equal goes by name (${by} ${order})`, () => {
    assert.equal(readNames(sortEntries(ENTRIES, { by, order })), expected);
  });
}

test("sorting leaves what was handed in as it was", () => {
  const before = readNames(ENTRIES);
  sortEntries(ENTRIES, { by: "hits", order: "desc" });
  assert.equal(readNames(ENTRIES), before);
});

const anyEntry: fc.Arbitrary<SampleEntry> = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.boolean(), fc.nat(3))
  .map(([bytes, isFolder, small]) => {
    const facts = { sizeBytes: small, modifiedMs: small, hits: small };
    const name = Buffer.from(bytes);
    return isFolder ? folderEntry(name, facts) : fileEntry(name, facts);
  });
const anyOrder: fc.Arbitrary<ListingOrder> = fc.record({
  by: fc.constantFrom("name", "size", "modified", "hits"),
  order: fc.constantFrom("asc", "desc"),
});

test("the order does not depend on the order of the folder (any entries, shuffled)", () => {
  const shuffled = fc
    .uniqueArray(anyEntry, { selector: (entry) => entry.byteName })
    .chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, anyOrder, ([entries, others], order) => {
      assert.deepEqual(sortEntries(entries, order), sortEntries(others, order));
    }),
  );
});

/** The order of names in the fewest words. */
const collator = new Intl.Collator("en", { numeric: true });
const textOf = ({ byteName }: DirectoryEntry) => Buffer.from(byteName, "latin1").toString();
const bytesOf = ({ byteName }: DirectoryEntry) => Buffer.from(byteName, "latin1");

function sortPlainly(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const rankOf = ({ kind }: DirectoryEntry) => (kind === "directory" ? 0 : 1);
  return entries.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      collator.compare(textOf(a), textOf(b)) ||
      Buffer.compare(bytesOf(a), bytesOf(b)),
  );
}

test("many names are in the order of the collator, and of their bytes where that sees none (5000)", () => {
  const piece = fc.constantFrom(
    ...[
      "file",
      "File",
      "a",
      "é",
      "ß",
      "я",
      "-",
      "_",
      ".",
      " ",
      "0",
      "00",
      "7",
      "10",
      "123456789",
      "\x07",
    ],
  );
  const anyName = fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.nat(5000), fc.boolean())
    .map(([pieces, count, isFolder]) => {
      const name = `${pieces.join("")}${count}`;
      return isFolder ? folderEntry(name) : fileEntry(name);
    });
  const names = fc.uniqueArray(anyName, {
    minLength: 4000,
    maxLength: 5000,
    selector: ({ byteName }) => byteName,
    size: "max",
  });
  fc.assert(
    fc.property(names, (entries) => {
      const { result } = runWhole(sortByName(entries));
      assert.deepEqual(result.entries.map(textOf), sortPlainly(entries).map(textOf));
      assert.equal(
        result.directoryCount,
        entries.filter(({ kind }) => kind === "directory").length,
      );
    }),
    { numRuns: 3 },
  );
});

test("the content of a folder says how much all files hold (two files, a folder)", () => {
  const { sizeBytes } = runWhole(sortByName(ENTRIES)).result;
  assert.equal(sizeBytes, 910);
});
