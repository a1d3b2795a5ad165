import assert from "node:assert/strict";
import { test } from "node:test";
import { findNearestName } from "./nearest-name.ts";

const names = ["serve", "load", "get", "lab", "port", "concurrency"];

const cases: [string, string | undefined][] = [
  ["sreve", "serve"],
  ["laod", "load"],
  ["gte", "get"],
  ["prt", "port"],
  ["serves", "serve"],
  ["conc", "concurrency"],
  ["concurency", "concurrency"],
  ["xyz", undefined],
  ["x", undefined],
  ["", undefined],
  ["a".repeat(10_000), undefined],
];

for (const [typed, nearest] of cases) {
  test(`findNearestName of ${JSON.stringify(typed.slice(0, 20))} is ${nearest}`, () => {
    assert.equal(findNearestName(typed, names), nearest);
  });
}
