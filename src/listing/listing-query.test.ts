import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fileEntry, folderEntry } from "../../test/fixtures/sample-listing.ts";
import {
  createNameMatcher,
  decideListingFormat,
  formatPageHref,
  type ListingFormat,
  namesHtml,
  parseListingQuery,
} from "./listing-query.ts";
import type { ListingOrder } from "./sort-entries.ts";

const ORDERS: readonly (readonly [string, ListingOrder])[] = [
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

for (const [query, expected] of ORDERS) {
  test(`the order is read from the query ("${query}")`, () => {
    assert.deepEqual(parseListingQuery(query).order, expected);
  });
}

const PAGES: readonly (readonly [string, number | undefined, number | undefined])[] = [
  ["", undefined, undefined],
  ["page=3", 3, undefined],
  ["page=3&per-page=50", 3, 50],
  ["page=0", undefined, undefined],
  ["page=-1&per-page=1e3", undefined, undefined],
  ["page=1x&per-page=", undefined, undefined],
  ["page=99999999999999999999", undefined, undefined],
  ["per-page=99999", undefined, 10_000],
];

for (const [query, page, perPage] of PAGES) {
  test(`the page is read from the query ("${query}")`, () => {
    const read = parseListingQuery(query);
    assert.deepEqual([read.page, read.perPage], [page, perPage]);
  });
}

test("another page keeps the order and what is looked for, and the first has one address", () => {
  const plain = parseListingQuery("page=7&sort=name&order=asc");
  assert.equal(formatPageHref(plain, 1), "./");
  assert.equal(formatPageHref(plain, 2), "?page=2");
  const query = parseListingQuery("q=a%20%26b&sort=hits&order=desc&page=9&per-page=20&x=y");
  assert.equal(formatPageHref(query, 1), "?sort=hits&order=desc&q=a+%26b&per-page=20");
  assert.equal(formatPageHref(query, 3), "?sort=hits&order=desc&q=a+%26b&per-page=20&page=3");
});

const CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const CASES: readonly (readonly [string | undefined, string, ListingFormat])[] = [
  [undefined, "", "html"],
  ["", "", "html"],
  ["*/*", "", "html"],
  [CHROME, "", "html"],
  ["application/json", "", "json"],
  ["APPLICATION/JSON", "", "json"],
  ["application/json; charset=utf-8", "", "json"],
  ["text/html; charset=UTF-8, application/json;q=0.9", "", "html"],
  ["application/json; profile=x", "", "html"],
  ["application/*", "", "json"],
  ["application/json, */*;q=0.5", "", "json"],
  ["application/json, text/plain, */*", "", "json"],
  ["text/html, application/json", "", "html"],
  ["text/html;q=0.5, application/json", "", "json"],
  ["text/html;q=0, application/json;q=0.1", "", "json"],
  ["application/json;q=0", "", "html"],
  ["image/png", "", "html"],
  ["nonsense", "", "html"],
  [undefined, "?format=json", "json"],
  [CHROME, "format=json&sort=hits", "json"],
  ["application/json", "?format=html", "html"],
  ["application/json", "?format=xml", "json"],
];

for (const [accept, query, expected] of CASES) {
  test(`the format is decided (Accept "${accept}", query "${query}")`, () => {
    assert.equal(decideListingFormat(accept, query), expected);
  });
}

test("no Accept field makes the decision throw (any text)", () => {
  const piece = fc.constantFrom(
    "text/html",
    "*/*",
    ";q=",
    "0.5",
    ",",
    ";",
    '"',
    "=",
    " ",
    "__proto__",
  );
  const field = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(field, fc.string(), (accept, query) => {
      assert.match(decideListingFormat(accept, query), /^(html|json)$/);
    }),
    { numRuns: 2000 },
  );
});

test("a client names HTML, or takes it beside everything else", () => {
  const named = [
    undefined,
    "*/*",
    "text/*",
    "text/html;q=0",
    CHROME,
    "application/json, text/html",
  ];
  assert.deepEqual(named.map(namesHtml), [false, false, false, false, true, true]);
});

test("15 KiB of other types decide nothing, before or behind the one that counts", () => {
  const many = "a/b,".repeat(3900);
  assert.equal(decideListingFormat(`application/json,${many}`, ""), "json");
  assert.equal(decideListingFormat(`${many}application/json`, ""), "html");
  assert.equal(decideListingFormat(undefined, `format=json${"&a".repeat(4000)}`), "json");
});

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
