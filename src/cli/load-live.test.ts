import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveState } from "../load/live-state.ts";
import { startLiveView } from "./load-live.ts";

const state = { done: 1 } as LiveState;

function makeTerminal(isTTY: boolean) {
  const written: string[] = [];
  const write = (chunk: string | Uint8Array) => written.push(String(chunk));
  return { written, output: { isTTY, columns: 40, write } };
}

test("a view is drawn over the one before, and erased to its first line", () => {
  const { written, output } = makeTerminal(true);
  const widths: number[] = [];
  const view = startLiveView(output, (_state, columns) => {
    widths.push(columns);
    return ["one", "two"];
  });
  view?.draw(state);
  view?.draw(state);
  view?.erase();
  assert.deepEqual(written, ["one\ntwo\n", "\u001b[2F\u001b[Jone\ntwo\n", "\u001b[2F\u001b[J"]);
  assert.deepEqual(widths, [40, 40]);
});

test("what was never drawn is not erased, and no terminal gets no view", () => {
  const { written, output } = makeTerminal(true);
  startLiveView(output, () => ["x"])?.erase();
  assert.equal(written.join(""), "");
  assert.equal(
    startLiveView(makeTerminal(false).output, () => ["x"]),
    undefined,
  );
});
