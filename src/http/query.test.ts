import assert from "node:assert/strict";
import { test } from "node:test";
import { findQueryValue } from "./query.ts";

const QUERIES: readonly (readonly [query: string, value: string | undefined])[] = [
  ["", undefined],
  ["?", undefined],
  ["sort=size", "size"],
  ["?sort=size", "size"],
  ["?order=desc&sort=size", "size"],
  ["?sort=size&sort=name", "size"],
  ["?sort", ""],
  ["?sort=", ""],
  ["?sort=a=b", "a=b"],
  ["?resort=size&sorting=x", undefined],
  ["?&&sort=size", "size"],
  // As forms are decoded.
  ["?sort=si%7Ae", "size"],
  ["?sort=a+b", "a b"],
  ["?sort=%zz", "%zz"],
  ["?sort=%C3%A4", "ä"],
  // Behind the bounds.
  [`?${"a&".repeat(31)}sort=size`, "size"],
  [`?${"a&".repeat(32)}sort=size`, undefined],
  [`?a=${"b".repeat(1000)}&sort=size`, "size"],
  [`?a=${"b".repeat(1020)}&sort=size`, undefined],
  [`?sort=size&a=${"b".repeat(8000)}`, "size"],
  [`?sort=${"b".repeat(8000)}`, undefined],
];

for (const [query, value] of QUERIES) {
  const shown = query.length > 60 ? `${query.slice(0, 60)}… of ${query.length}` : query;
  test(`"sort" in the query [${shown}] is ${value}`, () => {
    assert.equal(findQueryValue(query, "sort"), value);
  });
}
