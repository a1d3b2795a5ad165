import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bounds, checkBounds, checkEqual } from "./result.ts";

const cases: [measured: number, bounds: Bounds, holds: boolean][] = [
  [5, { atLeast: 5, atMost: 5 }, true],
  [4, { atLeast: 5 }, false],
  [6, { atMost: 5 }, false],
  [6, { atLeast: 5 }, true],
  [0, { atMost: 0 }, true],
  [Number.NaN, { atLeast: 0 }, false],
];

for (const [measured, bounds, holds] of cases) {
  test(`${measured} within ${JSON.stringify(bounds)} ${holds ? "holds" : "does not hold"}`, () => {
    assert.deepEqual(checkBounds("it", measured, bounds), {
      what: "it",
      measured,
      ...bounds,
      holds,
    });
  });
}

test("a check for 3 holds for 3 only", () => {
  assert.deepEqual(
    [2, 3, 4].map((measured) => checkEqual("it", measured, 3).holds),
    [false, true, false],
  );
});
