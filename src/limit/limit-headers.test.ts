import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCountedField } from "../http/counted-field.ts";
import { formatPolicyField, retryAfterSeconds, stateField } from "./limit-headers.ts";

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
    formatCountedField(stateField({ admitted: true, remaining: 4, waitMs: 1000 })),
    'RateLimit: "default";r=4;t=1\r\n',
  );
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
    // Twice: the texts around the number are remembered.
    for (let time = 0; time < 2; time++) {
      assert.equal(
        formatCountedField(stateField({ admitted: false, remaining: 0, waitMs })),
        `RateLimit: "default";r=0;t=${seconds};weir-t=${exact}\r\nRetry-After: ${seconds}\r\n`,
      );
    }
  });
}
