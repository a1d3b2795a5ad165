import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ListingEntry } from "./listing-entry.ts";
import { type ListingOrder, parseListingOrder, sortEntries } from "./sort-entries.ts";

function folder(name: string, hits = 0, modifiedMs = 0): ListingEntry {
  const nameBytes = Buffer.from(name);
  return { nameBytes, kind: "directory", sizeBytes: undefined, modifiedMs, hits };
}

function file(name: string, sizeBytes = 0, hits = 0, modifiedMs = 0): ListingEntry {
  return { nameBytes: Buffer.from(name), kind: "file", sizeBytes, modifiedMs, hits };
}

function readNames(entries: readonly ListingEntry[]): string {
  return entries.map((entry) => entry.nameBytes.toString()).join(" ");
}

const QUERIES: readonly (readonly [string, ListingOrder])[] = [
  ["", { by: "name", order: "asc" }],
  ["?", { by: "name", order: "asc" }],
  ["?sort=hits&order=desc", { by: "hits", order: "desc" }],
  ["sort=hits&order=desc", { by: "hits", order: "desc" }],
  ["sort=size", { by: "size", order: "asc" }],
  ["order=desc", { by: "name", order: "desc" }],
  ["sort=owner&order=up", { by: "name", order: "asc" }],
  ["sort=constructor", { by: "name", order: "asc" }],
  ["sort=%6eame&order=%zz", { by: "name", order: "asc" }],
  ["sort=modified&sort=size", { by: "modified", order: "asc" }],
];

for (const [query, expected] of QUERIES) {
  test(`the order is read from the query ("${query}")`, () => {
    assert.deepEqual(parseListingOrder(query), expected);
  });
}

const ENTRIES = [
  file("b10", 5, 1, 30),
  folder("z", 9, 10),
  file("b2", 5, 7, 10),
  file("A", 900, 7, 20),
  folder("c", 1, 20),
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

const NAMES: readonly (readonly [string | Buffer, string | Buffer])[] = [
  ["file2", "file10"],
  ["a", "B"],
  ["B", "c"],
  ["a", "A"],
  ["a", "ab"],
  ["a1", "aa"],
  ["a.txt", "a1.txt"],
  ["_a", "a"],
  ["01", "1"],
  ["e", "é"],
  ["é", "f"],
  ["ä2", "ä10"],
  ["ä2", "Z"],
  [Buffer.from([0xfe]), Buffer.from([0xff])],
];

for (const [before, after] of NAMES) {
  test(`names are in natural order ("${before}" before "${after}")`, () => {
    const entries = [after, before].map((name) => ({
      ...file(""),
      nameBytes: Buffer.from(name),
    }));
    const sorted = sortEntries(entries, { by: "name", order: "asc" });
    assert.deepEqual(sorted[0]?.nameBytes, Buffer.from(before));
  });
}

test("sorting leaves what was handed in as it was", () => {
  const before = readNames(ENTRIES);
  sortEntries(ENTRIES, { by: "hits", order: "desc" });
  assert.equal(readNames(ENTRIES), before);
});

const anyEntry: fc.Arbitrary<ListingEntry> = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.boolean(), fc.nat(3))
  .map(([bytes, isFolder, small]) => {
    const name = Buffer.from(bytes).toString("latin1");
    return isFolder ? folder(name, small, small) : file(name, small, small, small);
  });
const anyOrder: fc.Arbitrary<ListingOrder> = fc.record({
  by: fc.constantFrom("name", "size", "modified", "hits"),
  order: fc.constantFrom("asc", "desc"),
});

test("the order does not depend on the order of the folder (any entries, shuffled)", () => {
  const shuffled = fc
    .uniqueArray(anyEntry, { selector: (entry) => entry.nameBytes.toString("hex") })
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
