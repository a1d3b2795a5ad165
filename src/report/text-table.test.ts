import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTable } from "./text-table.ts";

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
