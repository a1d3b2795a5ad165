import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentMap } from "./recent-map.ts";

test("what was put in is found, and what never was is not", () => {
  const map = new RecentMap<string, number>(2);
  map.set("a", 1);
  assert.equal(map.get("a"), 1);
  assert.equal(map.get("b"), undefined);
});

test("what is asked for again and again is never forgotten", () => {
  const map = new RecentMap<string, number>(4);
  map.set("kept", 0);
  for (let index = 0; index < 100; index++) {
    map.set(`passing ${index}`, index);
    assert.equal(map.get("kept"), 0);
  }
});

test("what nobody asks for is forgotten after two generations at most", () => {
  const map = new RecentMap<number, number>(4);
  map.set(-1, -1);
  for (let index = 0; index < 8; index++) map.set(index, index);
  assert.equal(map.get(-1), undefined);
});
