import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fileEntry } from "../../test/fixtures/sample-listing.ts";
import { compareNames, prepareToSort, setRanks } from "./name-order.ts";
import { runWhole } from "./time-slice.ts";

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

const collator = new Intl.Collator("en", { numeric: true });

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
