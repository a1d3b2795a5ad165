import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseStateWord, type StateFacts } from "./connection-state.ts";

const live: StateFacts = { link: "open", isPaused: false, server: "serving", silentMs: 900 };

const cases: readonly [Partial<StateFacts>, string][] = [
  [{}, "Live"],
  [{ isPaused: true }, "Paused"],
  [{ server: "draining" }, "Draining"],
  [{ server: "draining", isPaused: true }, "Paused"],
  [{ silentMs: 4000 }, "No data"],
  [{ silentMs: 4000, isPaused: true }, "Paused"],
  [{ link: "connecting", server: undefined }, "Connecting…"],
  [{ link: "broken" }, "Reconnecting…"],
  [{ link: "broken", isPaused: true, server: "draining", silentMs: 9000 }, "Reconnecting…"],
];

for (const [facts, text] of cases) {
  test(`the state is one word [${JSON.stringify(facts)}: ${text}]`, () => {
    assert.equal(chooseStateWord({ ...live, ...facts }).text, text);
  });
}
