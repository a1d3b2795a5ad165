import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCase, medianOf } from "../../bench/comparison.ts";

test("medianOf takes the middle, or the mean of the two middle ones, in whatever order", () => {
  assert.equal(medianOf([3, 1, 20]), 3);
  assert.equal(medianOf([4, 1, 2, 100]), 3);
  assert.equal(medianOf([7]), 7);
  assert.ok(Number.isNaN(medianOf([])));
});

const CASE = {
  name: "1 KB",
  unit: "µs",
  series: [
    { name: "weir", rounds: [10, 30, 12] },
    { name: "nginx", rounds: [20, 20, 8] },
    { name: "floor", rounds: [5, 5, 4] },
  ],
};

test("ratios are formed round by round, and a target holds for its case and peer alone", () => {
  const targets = [
    { caseName: "1 KB", peer: "nginx", ratioMax: 1.5 },
    { caseName: "10 KB", peer: "floor", ratioMax: 1 },
  ];
  assert.deepEqual(compareCase(CASE, targets), [
    { peer: "nginx", ratio: 1.5, ratioLow: 0.5, ratioHigh: 1.5, ratioMax: 1.5, isMet: true },
    { peer: "floor", ratio: 3, ratioLow: 2, ratioHigh: 6 },
  ]);
});

test("a target that is missed by a little is missed [1.5 of at most 1.49]", () => {
  const [comparison] = compareCase(CASE, [{ caseName: "1 KB", peer: "nginx", ratioMax: 1.49 }]);
  assert.equal(comparison?.isMet, false);
});

test("a case of one series has nothing to compare", () => {
  assert.deepEqual(compareCase({ ...CASE, series: CASE.series.slice(0, 1) }, []), []);
});
