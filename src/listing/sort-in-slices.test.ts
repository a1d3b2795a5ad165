import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sortInSlices } from "./sort-in-slices.ts";
import { runWhole } from "./time-slice.ts";

for (const count of [0, 1, 2, 1023, 1024, 1025, 2048, 3000, 5000]) {
  test(`as sorted and as stable as a plain sort (any ${count} numbers with many equal ones)`, () => {
    const numbers = fc.array(fc.nat(40), { minLength: count, maxLength: count, size: "max" });
    fc.assert(
      fc.property(numbers, (values) => {
        const items = values.map((value, place) => ({ value, place }));
        const byValue = (a: { value: number }, b: { value: number }) => a.value - b.value;
        assert.deepEqual(runWhole(sortInSlices(items, byValue)).result, items.toSorted(byValue));
      }),
      { numRuns: 5 },
    );
  });
}

test("it pauses before many comparisons are made (20,000 numbers, at most 12 for each of 1024)", () => {
  let comparisons = 0;
  let most = 0;
  const numbers = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 20_000);
  const work = sortInSlices(numbers, (a, b) => {
    comparisons++;
    return a - b;
  });
  while (work.next().done !== true) {
    most = Math.max(most, comparisons);
    comparisons = 0;
  }
  assert.ok(most < 1024 * 12, `${most} comparisons`);
});
