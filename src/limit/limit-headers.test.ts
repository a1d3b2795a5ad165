import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPolicyField, formatStateFields, retryAfterSeconds } from "./limit-headers.ts";

test("the policy says count and window in seconds [5/s, 3/m, 1/h]", () => {
  const line = (count: number, windowMs: number) => formatPolicyField({ count, windowMs });
  assert.equal(line(5, 1000), 'RateLimit-Policy: "default";q=5;w=1\r\n');
  assert.equal(line(3, 60_000), 'RateLimit-Policy: "default";q=3;w=60\r\n');
  assert.equal(line(1, 3_600_000), 'RateLimit-Policy: "default";q=1;w=3600\r\n');
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

test("an admitted request is told what is left, and nothing to wait for", () => {
  assert.equal(
    formatStateFields({ admitted: true, remaining: 4, waitMs: 1000 }),
    'RateLimit: "default";r=4;t=1\r\n',
  );
});

test("a refused request is told the exact time, rounded up, and Retry-After [350.2 ms]", () => {
  assert.equal(
    formatStateFields({ admitted: false, remaining: 0, waitMs: 350.2 }),
    'RateLimit: "default";r=0;t=1;weir-t=0.351\r\nRetry-After: 1\r\n',
  );
});
