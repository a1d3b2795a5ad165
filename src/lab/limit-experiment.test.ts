import assert from "node:assert/strict";
import { test } from "node:test";
import { countAdmittedInTheory } from "./limit-experiment.ts";

const cases: [count: number, gapMs: number, admitted: number, why: string][] = [
  [200, 0, 5, "all at once"],
  [3, 0, 3, "fewer than the limit"],
  [10, 250, 10, "four a second"],
  [18, 210, 18, "just under five a second"],
  [18, 200, 18, "five a second exactly: the sixth comes when the first is a second old"],
  // 950 is refused, 1140 to 1900 pass, 2090 is refused, and so on: every sixth.
  [18, 190, 15, "just over five a second"],
  [0, 100, 0, "none"],
];

for (const [count, gapMs, admitted, why] of cases) {
  test(`of ${count} requests ${gapMs} ms apart ${admitted} pass a limit of 5/s [${why}]`, () => {
    assert.equal(countAdmittedInTheory(count, gapMs, 5, 1000), admitted);
  });
}
