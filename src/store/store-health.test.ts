import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreHealth } from "./store-health.ts";

function newHealth(whenDown: "local" | "open" | "closed" | "unlimited" = "local") {
  const lines: string[] = [];
  const health = new StoreHealth({
    shown: "redis://store.example:6379/0",
    whenDown,
    warn: (line) => lines.push(line),
  });
  return { health, lines };
}

test("one line when the first thread misses it, one when the last has it again", () => {
  const { health, lines } = newHealth();
  health.report("thread 1", true, "");
  assert.deepEqual(lines, []);
  health.report("thread 1", false, "connection refused");
  health.report("thread 2", false, "it does not answer");
  health.report("thread 1", true, "");
  assert.deepEqual(lines, [
    "the store redis://store.example:6379/0 is gone (connection refused): " +
      "until it is back each server keeps its own limit",
  ]);
  assert.equal(health.state.isUp, false);
  assert.equal(health.state.reason, "it does not answer");
  health.report("thread 2", true, "");
  assert.equal(lines[1], "the store redis://store.example:6379/0 is back");
  assert.deepEqual([health.state.isUp, health.state.reason], [true, null]);
  assert.equal(lines.length, 2);
});

test("the line says what happens meanwhile [open, closed]", () => {
  for (const [whenDown, words] of [
    ["open", /until it is back there is no limit$/],
    ["unlimited", /until it is back hits wait in memory$/],
    ["closed", /until it is back every request is answered with 503$/],
  ] as const) {
    const { health, lines } = newHealth(whenDown);
    health.report("thread 1", false, "it is full");
    assert.match(lines[0] ?? "", words);
  }
});

test("a thread that takes a dead one's place speaks for it", () => {
  const { health, lines } = newHealth();
  health.report("thread 1", false, "it does not answer");
  health.report("thread 1", true, "");
  assert.equal(health.state.isUp, true);
  assert.equal(lines.length, 2);
});
