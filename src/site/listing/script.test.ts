import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "node:vm";
import { LISTING_SCRIPT } from "./script.ts";

// What it does is tested where it does it: test/browser/listing-filter.full.test.ts.

test("the script is one that can be read, on one line", () => {
  assert.ok(new Script(LISTING_SCRIPT) instanceof Script);
  assert.doesNotMatch(LISTING_SCRIPT, /\n/);
});

test("nothing in the script ends its element or makes text of markup", () => {
  assert.doesNotMatch(LISTING_SCRIPT, /<|innerHTML|outerHTML|insertAdjacent|eval|Function|https?:/);
});
