import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnStore } from "./column-store.ts";
import { cutIntoStretches } from "./range-table.ts";

function fill(seconds: readonly number[]) {
  const store = new ColumnStore();
  for (const second of seconds) {
    store.append({
      timeMs: second * 1000,
      requestsPerSecond: second,
      succeededPerSecond: second,
      redirectedPerSecond: 0,
      clientErrorsPerSecond: 0,
      refusedPerSecond: 0,
      serverErrorsPerSecond: 0,
      bytesPerSecond: 0,
      latencyP50Ms: null,
      latencyP90Ms: null,
      latencyP99Ms: second % 2 === 0 ? second : null,
      connectionsOpen: 100 - second,
      requestsInProgress: 0,
    });
  }
  return store.copy();
}

const range = { rangeMs: 60_000, stretchMs: 5000 };

test("stretches lie at whole multiples, the newest first; a sample belongs to what it ends", () => {
  const stretches = cutIntoStretches(fill([1, 2, 3, 4, 5, 6, 7]), range);
  assert.deepEqual(
    stretches.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [5000, 10_000],
      [0, 5000],
    ],
  );
  assert.equal(stretches[0]?.requestsPerSecond, 6.5);
  assert.equal(stretches[1]?.requestsPerSecond, 3);
});

test("latency and connections are the highest of any second", () => {
  const [newest] = cutIntoStretches(fill([6, 7, 8, 9]), range);
  assert.equal(newest?.latencyP99Ms, 8);
  assert.equal(newest?.connectionsOpen, 94);
});

test("seconds that are missing count for nothing, and a stretch without any has no number", () => {
  const stretches = cutIntoStretches(fill([1, 2, 16, 20]), range);
  assert.deepEqual(
    stretches.map(({ requestsPerSecond }) => requestsPerSecond),
    [18, null, null, 1.5],
  );
});

test("the table ends with the range", () => {
  const seconds = Array.from({ length: 300 }, (_, index) => index + 1);
  assert.equal(cutIntoStretches(fill(seconds), range).length, 12);
});

test("nothing is cut into nothing", () => {
  assert.deepEqual(cutIntoStretches(fill([]), range), []);
});
