import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOSE_ORDER_PLACES, orderRows } from "./row-order.ts";

const strict = { driftPlaces: 0, isHeld: false };
const loose = { driftPlaces: LOOSE_ORDER_PLACES, isHeld: false };
const held = { driftPlaces: 0, isHeld: true };

function order(shown: string, ranked: string, rule: typeof strict): string {
  return orderRows([...shown], [...ranked], rule).join("");
}

test("the first rows stand by rank", () => {
  assert.equal(order("", "cab", loose), "cab");
});

test("where rank is place, every change shows [abc, then cab]", () => {
  assert.equal(order("abc", "cab", strict), "cab");
});

test("a drift of a place or two moves nothing [abcd, then badc]", () => {
  assert.equal(order("abcd", "badc", loose), "abcd");
});

test("what has become the busiest comes up [abcdef, then fabcde]", () => {
  assert.equal(order("abcdef", "fabcde", loose)[0], "f");
});

test("who is gone leaves the others in their order [abc, then ca]", () => {
  assert.equal(order("abc", "ca", loose), "ac");
});

test("who is new stands at its rank, the others stay in order [abc, then xabc]", () => {
  assert.equal(order("abc", "xabc", loose).replace("x", ""), "abc");
  assert.equal(order("abc", "xabc", strict), "xabc");
});

test("held rows do not move, and new ones come last [abc, then xcyba]", () => {
  assert.equal(order("abc", "xcyba", held), "abcxy");
});

test("held rows that are gone leave [abc, then cb]", () => {
  assert.equal(order("abc", "cb", held), "bc");
});

test("a key that is told twice has one row", () => {
  assert.equal(order("ab", "aab", loose), "ab");
});

test("ranks that stay the same bring rows to rest", () => {
  let shown = [..."hgfedcba"];
  for (let second = 0; second < 20; second++) shown = orderRows(shown, [..."abcdefgh"], loose);
  assert.deepEqual(orderRows(shown, [..."abcdefgh"], loose), shown);
  for (const [place, key] of shown.entries()) {
    assert.ok(Math.abs(place - "abcdefgh".indexOf(key)) <= LOOSE_ORDER_PLACES, shown.join(""));
  }
});
