import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTable, wrapText } from "./text-table.ts";

test("columns are as wide as their widest cell, the first to the left, others to the right", () => {
  const rows = [
    ["", "count"],
    ["longer", "7"],
    ["a", "1234567"],
  ];
  assert.deepEqual(formatTable(rows), [
    "            count",
    "  longer        7",
    "  a       1234567",
  ]);
});

test("a table without rows has no lines", () => {
  assert.deepEqual(formatTable([]), []);
});

test("words are wrapped, and one that is too long has a line of its own [10 columns]", () => {
  assert.deepEqual(wrapText("one two three overlong-word x y", 10), [
    "one two",
    "three",
    "overlong-word",
    "x y",
  ]);
  assert.deepEqual(wrapText("one two", 7), ["one two"]);
});
