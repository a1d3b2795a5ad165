import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeFromZero, rangeOfBytes, rangeOfDecades } from "./axis-scale.ts";

for (const [largest, top] of [
  [null, 10],
  [0, 10],
  [10, 10],
  [11, 15],
  [151, 200],
  [999, 1000],
  [1000, 1000],
  [20_113, 30_000],
] as const) {
  test(`an axis from zero ends at a round number [${largest}: ${top}]`, () => {
    assert.deepEqual(rangeFromZero(largest, 10), [0, top]);
  });
}

for (const [largest, top] of [
  [null, 1024],
  [1500, 1.5 * 1024],
  [5 * 1024 ** 2 - 1, 5 * 1024 ** 2],
  [1000 * 1024 ** 2, 1000 * 1024 ** 2],
  [1024 ** 3, 1024 ** 3],
] as const) {
  test(`an axis of bytes is round in its unit [${largest}: ${top}]`, () => {
    assert.deepEqual(rangeOfBytes(largest), [0, top]);
  });
}

for (const [smallest, largest, range] of [
  [null, null, [0.01, 1]],
  [0, 0, [0.01, 1]],
  [0.3, 4, [0.1, 10]],
  [0.3, 40, [0.1, 100]],
  [1, 1, [1, 100]],
  [0.1, 100, [0.1, 100]],
] as const) {
  test(`an axis of latencies has whole decades [${smallest} to ${largest}]`, () => {
    const found = rangeOfDecades(smallest, largest, 0.01);
    assert.deepEqual(
      found.map((end) => Number(end.toPrecision(6))),
      range,
    );
  });
}
