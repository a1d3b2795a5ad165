import assert from "node:assert/strict";
import { test } from "node:test";
import { findLonelyPoints, hideEmptyParts, stackColumns } from "./stack-columns.ts";

test("each layer is the sum of its column and those below", () => {
  const columns = [
    [1, 2, 3],
    [10, 0, 5],
    [100, 0, 0],
  ];
  assert.deepEqual(stackColumns(columns), [
    [1, 2, 3],
    [11, 2, 8],
    [111, 2, 8],
  ]);
});

test("a gap goes through all layers", () => {
  const columns = [
    [1, null, 3],
    [10, 20, null],
  ];
  assert.deepEqual(stackColumns(columns), [
    [1, null, 3],
    [11, null, null],
  ]);
});

test("no columns make no layers", () => {
  assert.deepEqual(stackColumns([]), []);
});

test("parts of a layer that add nothing are left out, its slopes stay", () => {
  const columns = [
    [5, 5, 5, 5, 5, 5],
    [0, 0, 3, 0, 0, 0],
  ];
  assert.deepEqual(hideEmptyParts(stackColumns(columns), columns), [
    [5, 5, 5, 5, 5, 5],
    [null, 5, 8, 5, null, null],
  ]);
});

test("the lowest layer is whole, even where it is zero", () => {
  assert.deepEqual(hideEmptyParts([[0, 0]], [[0, 0]]), [[0, 0]]);
});

test("values that stand alone are found, at the ends too", () => {
  assert.deepEqual(findLonelyPoints([1, null, 2, 3, null, 4]), [0, 5]);
  assert.deepEqual(findLonelyPoints([null, 1, null]), [1]);
  assert.deepEqual(findLonelyPoints([1]), [0]);
  assert.deepEqual(findLonelyPoints([0, 0, 0]), []);
  assert.deepEqual(findLonelyPoints([]), []);
});
