import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitBreaker } from "./breaker.ts";

const BOUNDS = { firstMs: 100, maxMs: 400 };

/** Without chance: the whole of each delay. */
function newBreaker(): CircuitBreaker {
  return new CircuitBreaker(BOUNDS, () => 1);
}

function closed(): CircuitBreaker {
  const breaker = newBreaker();
  assert.equal(breaker.beginProbe(0), true);
  breaker.succeed();
  return breaker;
}

test("it begins open with a probe due, and closes when that is answered", () => {
  const breaker = newBreaker();
  assert.equal(breaker.isClosed, false);
  assert.equal(breaker.beginProbe(0), true);
  assert.equal(breaker.isClosed, false);
  breaker.succeed();
  assert.equal(breaker.isClosed, true);
  assert.equal(breaker.beginProbe(0), false, "there is nothing to find out");
});

test("one failure opens it; a probe is due after 100 ms, one at a time", () => {
  const breaker = closed();
  breaker.fail(1000);
  assert.equal(breaker.isClosed, false);
  assert.equal(breaker.beginProbe(1099), false);
  assert.equal(breaker.beginProbe(1100), true);
  assert.equal(breaker.beginProbe(1100), false);
});

test("each probe that fails doubles the wait, up to its bound [100, 200, 400, 400]", () => {
  const breaker = closed();
  let nowMs = 0;
  breaker.fail(nowMs);
  for (const delayMs of [100, 200, 400, 400]) {
    assert.equal(breaker.beginProbe(nowMs + delayMs - 1), false);
    nowMs += delayMs;
    assert.equal(breaker.beginProbe(nowMs), true);
    breaker.fail(nowMs);
  }
});

test("after it has closed it begins with the short wait again", () => {
  const breaker = closed();
  breaker.fail(0);
  breaker.beginProbe(100);
  breaker.fail(100);
  breaker.beginProbe(300);
  breaker.succeed();
  breaker.fail(1000);
  assert.equal(breaker.beginProbe(1100), true);
});

test("answers and failures of what was asked before change nothing while it is open", () => {
  const breaker = closed();
  breaker.fail(1000);
  breaker.succeed();
  assert.equal(breaker.isClosed, false);
  breaker.fail(1090);
  assert.equal(breaker.beginProbe(1100), true);
});

test("a new connection makes the probe due at once", () => {
  const breaker = closed();
  breaker.fail(1000);
  breaker.hurry();
  assert.equal(breaker.beginProbe(1000), true);
});
