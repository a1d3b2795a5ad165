import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPageHref, parseListingQuery } from "./listing-query.ts";
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
