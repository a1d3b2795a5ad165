import assert from "node:assert/strict";
import { test } from "node:test";
import { nameForZip } from "./zip-name.ts";

test("names stay as they are, whatever bytes they have (spaces, percent signs, no UTF-8)", () => {
  const names = ["a b", "100%5C", "..x", "\xff\xfe", "-rf", "C:"];
  assert.deepEqual(names.map(nameForZip(names)), names);
});

test("a backslash and controls are written out, and no two names become one", () => {
  const names = ["a\\b", "a%5Cb", "_a%5Cb", "x\n\x7f"];
  assert.deepEqual(names.map(nameForZip(names)), ["__a%5Cb", "a%5Cb", "_a%5Cb", "x%0A%7F"]);
});
