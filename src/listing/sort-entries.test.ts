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
import {
  compareNames,
  type ListingOrder,
  orderPlaces,
  prepareToSort,
  setRanks,
  sortByName,
  sortInSlices,
} from "./sort-entries.ts";
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

/** How two names compare that are sorted together with `others`. */
function compare(a: string | Buffer, b: string | Buffer, others: readonly string[] = []): number {
  const names = [a, b, ...others].map((name) => prepareToSort(fileEntry(name)));
  runWhole(setRanks(names));
  return Math.sign(compareNames(names[0]!, names[1]!));
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
  ["1".repeat(254), "2".repeat(254)],
  [Buffer.from([0xfe]), Buffer.from([0xff])],
];

for (const [before, after] of NAMES) {
  test(`names are in natural order ("${before}" before "${after}")`, () => {
    assert.equal(compare(before, after), -1);
    assert.equal(compare(after, before), 1);
    assert.equal(compare(before, before), 0);
  });
}

function compareByCollator(a: string, b: string): number {
  return Math.sign(collator.compare(a, b) || Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** With many digits, zeros and letters of both cases, which are what the key must get right. */
const character = fc.oneof(
  fc.constantFrom("0", "0", "1", "2", "9", "a", "A", "b", "B", ".", "-", "_", " "),
  fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
);
const asciiName = fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join(""));

test("names in ASCII are in the order of the collator (any two, beside a third)", () => {
  fc.assert(
    fc.property(asciiName, asciiName, asciiName, (a, b, third) => {
      assert.equal(compare(a, b, [third]), compareByCollator(a, b));
    }),
    { numRuns: 20_000 },
  );
});

test("names that begin alike are in the order of the collator (a common beginning, any end)", () => {
  fc.assert(
    fc.property(asciiName, asciiName, asciiName, (beginning, a, b) => {
      assert.equal(
        compare(beginning + a, beginning + b),
        compareByCollator(beginning + a, beginning + b),
      );
    }),
    { numRuns: 5000 },
  );
});

test("every character of ASCII stands where the collator has it (each beside each)", () => {
  for (let first = 0; first < 128; first++) {
    for (let second = 0; second < 128; second++) {
      const [a, b] = [String.fromCharCode(first), String.fromCharCode(second)];
      assert.equal(compare(`x${a}y`, `x${b}y`), compareByCollator(`x${a}y`, `x${b}y`));
    }
  }
});

test("numbers as long as a name can be are in the order of the collator (253 to 255 digits)", () => {
  const numbers = [253, 254, 255].flatMap((length) =>
    ["1", "9", "01"].map((start) => start.padEnd(length, "5")),
  );
  for (const a of numbers) {
    for (const b of numbers) assert.equal(compare(a, b), compareByCollator(a, b));
  }
});

test("the order is one of all names (any three, of any bytes)", () => {
  const name = fc.oneof(
    asciiName.map((text) => Buffer.from(text)),
    fc.uint8Array({ minLength: 1, maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assert.equal(compare(a, b), compare(b, a) === 0 ? 0 : -compare(b, a));
      if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0);
      assert.equal(compare(a, b) === 0, a.equals(b));
    }),
    { numRuns: 5000 },
  );
});

for (const count of [0, 1, 2, 1023, 1024, 1025, 2048, 3000, 5000]) {
  test(`as sorted and as stable as a plain sort (any ${count} numbers with many equal ones)`, () => {
    const numbers = fc.array(fc.nat(40), { minLength: count, maxLength: count, size: "max" });
    fc.assert(
      fc.property(numbers, (values) => {
        const items = values.map((value, place) => ({ value, place }));
        const byValue = (a: { value: number }, b: { value: number }) => a.value - b.value;
        assert.deepEqual(runWhole(sortInSlices(items, byValue)).result, items.toSorted(byValue));
      }),
      { numRuns: 5 },
    );
  });
}

test("it pauses before many comparisons are made (20,000 numbers, at most 12 for each of 1024)", () => {
  let comparisons = 0;
  let most = 0;
  const numbers = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 20_000);
  const work = sortInSlices(numbers, (a, b) => {
    comparisons++;
    return a - b;
  });
  while (work.next().done !== true) {
    most = Math.max(most, comparisons);
    comparisons = 0;
  }
  assert.ok(most < 1024 * 12, `${most} comparisons`);
});
