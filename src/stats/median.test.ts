import assert from "node:assert/strict";
import { test } from "node:test";
import { medianOf } from "./median.ts";

const cases: [values: number[], median: number][] = [
  [[7], 7],
  [[3, 1], 2],
  [[10, 9, 2], 9],
  [[4, 1, 3, 2], 2.5],
  [[-1, -2, 100], -1],
];

for (const [values, median] of cases) {
  test(`the median of ${values.join(", ")} is ${median}`, () => {
    assert.equal(medianOf(values), median);
  });
}

test("the values stay in their order", () => {
  const values = [3, 1, 2];
  medianOf(values);
  assert.deepEqual(values, [3, 1, 2]);
});
