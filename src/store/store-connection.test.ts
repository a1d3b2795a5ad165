import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs } from "./store-connection.ts";

const BOUNDS = { firstMs: 50, maxMs: 2000 };

const DELAYS: readonly [attempt: number, chance: number, delayMs: number][] = [
  [1, 1, 50],
  [1, 0, 25],
  [2, 1, 100],
  [3, 0.5, 150],
  [6, 1, 1600],
  [7, 1, 2000],
  [7, 0, 1000],
  [1_000_000, 1, 2000],
];

for (const [attempt, chance, delayMs] of DELAYS) {
  test(`attempt ${attempt} with chance ${chance} waits ${delayMs} ms`, () => {
    assert.equal(retryDelayMs(BOUNDS, attempt, chance), delayMs);
  });
}
