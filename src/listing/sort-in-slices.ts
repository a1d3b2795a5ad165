// A sort that pauses: runs that are sorted at once, then merged two by two. Called by sort-entries.ts.

import { PAUSE, type SlicedWork } from "./time-slice.ts";

/** At half a microsecond a comparison, which is the most, a run takes a slice. */
const RUN_LENGTH = 1024;

/** A sorted copy. Stable: what is equal stays in its order. */
export function* sortInSlices<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): SlicedWork<Item[]> {
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += RUN_LENGTH) {
    runs.push(items.slice(start, start + RUN_LENGTH).sort(compare));
    yield PAUSE;
  }
  while (runs.length > 1) {
    const longer: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [first = [], second] = runs.slice(index, index + 2);
      longer.push(second === undefined ? first : yield* merge(first, second, compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (a: Item, b: Item) => number,
): SlicedWork<Item[]> {
  const merged: Item[] = [];
  const length = first.length + second.length;
  let at = 0;
  let next = 0;
  while (merged.length < length) {
    const takesFirst =
      next === second.length || (at < first.length && compare(first[at]!, second[next]!) <= 0);
    merged.push(takesFirst ? first[at++]! : second[next++]!);
    if (merged.length % RUN_LENGTH === 0) yield PAUSE;
  }
  return merged;
}
