import assert from "node:assert/strict";
import { test } from "node:test";
import type { UseFields } from "../http/reply.ts";
import { LimitFields, policyField, retryAfterSeconds } from "./fields.ts";

test("the policy says count and window in seconds [5/s, 3/m, 1/h]", () => {
  const value = (count: number, windowMs: number) => policyField({ count, windowMs })[1];
  assert.equal(value(5, 1000), '"default";q=5;w=1');
  assert.equal(value(3, 60_000), '"default";q=3;w=60');
  assert.equal(value(1, 3_600_000), '"default";q=1;w=3600');
});

const WAITS: readonly [waitMs: number, seconds: number][] = [
  [0, 1],
  [0.001, 1],
  [999.999, 1],
  [1000, 1],
  [1000.001, 2],
  [59_000.5, 60],
  [3_600_000, 3600],
];

for (const [waitMs, seconds] of WAITS) {
  test(`${waitMs} ms to wait are ${seconds} whole seconds`, () => {
    assert.equal(retryAfterSeconds(waitMs), seconds);
  });
}

const POLICY = { count: 5, windowMs: 1000 };

function fieldsOf({ others, name, before, count, digitsMin, after }: UseFields) {
  return [...others, [name, before + String(count).padStart(digitsMin, "0") + after]];
}

test("an admitted request is told what is left, and nothing to wait for", () => {
  const fields = new LimitFields(POLICY);
  assert.deepEqual(fieldsOf(fields.of({ kind: "admitted", remaining: 4, waitMs: 1000 })), [
    ["RateLimit-Policy", '"default";q=5;w=1'],
    ["RateLimit", '"default";r=4;t=1'],
  ]);
});

const REFUSALS: readonly [waitMs: number, exact: string, seconds: number][] = [
  [350.2, "0.351", 1],
  [0.001, "0.001", 1],
  [999.2, "1.000", 1],
  [1000, "1.000", 1],
  [1000.5, "1.001", 2],
  [3_599_999, "3599.999", 3600],
];

for (const [waitMs, exact, seconds] of REFUSALS) {
  test(`a refused request is told the exact time, rounded up, and Retry-After [${waitMs} ms]`, () => {
    const fields = new LimitFields(POLICY);
    const refusal = fields.of({ kind: "refused", remaining: 0, waitMs });
    assert.deepEqual(fieldsOf(refusal), [
      ["RateLimit-Policy", '"default";q=5;w=1'],
      ["Retry-After", String(seconds)],
      ["RateLimit", `"default";r=0;t=${seconds};weir-t=${exact}`],
    ]);
    // The same array again: that is how an engine knows that only the number differs.
    assert.equal(fields.of({ kind: "refused", remaining: 0, waitMs }).others, refusal.others);
  });
}
