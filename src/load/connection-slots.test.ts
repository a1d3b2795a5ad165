import assert from "node:assert/strict";
import { test } from "node:test";
import { FreeConnections } from "./connection-slots.ts";

test("the last used comes first, or each in its turn", () => {
  for (const [order, expected] of [
    ["last-used", "CBDA"],
    ["in-turn", "ABCD"],
  ] as const) {
    const free = new FreeConnections<string>(4, order);
    for (const name of "ABC") free.give(name);
    const taken = [free.take(), free.take()];
    free.give("D");
    taken.push(free.take(), free.take());
    assert.equal(taken.join(""), expected);
    assert.equal(free.take(), undefined);
  }
});

test("what is taken and given again a thousand times is still all there", () => {
  const free = new FreeConnections<number>(3, "in-turn");
  for (const number of [0, 1, 2]) free.give(number);
  for (let round = 0; round < 1000; round++) {
    const taken = free.take();
    assert.equal(taken, round % 3);
    free.give(taken!);
  }
  assert.equal(free.count, 3);
});
