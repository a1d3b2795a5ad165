import assert from "node:assert/strict";
import { test } from "node:test";
import { wantsColour } from "./outputs.ts";

test("a terminal is asked itself", () => {
  assert.equal(wantsColour({ isTTY: true, hasColors: () => true }, {}), true);
  assert.equal(wantsColour({ isTTY: true, hasColors: () => false }, { FORCE_COLOR: "1" }), false);
});

test("anything else has colours only where FORCE_COLOR asks for them", () => {
  for (const [FORCE_COLOR, isWanted] of [
    [undefined, false],
    ["0", false],
    ["false", false],
    ["", true],
    ["1", true],
    ["3", true],
  ] as const) {
    assert.equal(wantsColour({}, { FORCE_COLOR }), isWanted, `FORCE_COLOR=${FORCE_COLOR}`);
  }
});
