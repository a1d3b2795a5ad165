import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRetryAfter, readLimitNews } from "./limit-fields.ts";

const read = (fields: Record<string, string>) =>
  readLimitNews(new Map(Object.entries(fields)), Date.UTC(2026, 0, 1));

test("weir's own fields are read, the exact time before the whole seconds", () => {
  assert.deepEqual(
    read({
      "ratelimit-policy": '"default";q=5;w=1',
      ratelimit: '"default";r=0;t=1;weir-t=0.873',
      "retry-after": "1",
    }),
    {
      policyText: '"default";q=5;w=1',
      policy: { count: 5, windowMs: 1000 },
      remaining: 0,
      waitMs: 873,
    },
  );
});

test("of several limits the one with the fewest requests left counts", () => {
  const news = read({
    "ratelimit-policy": '"second";q=5;w=1, "day";q=100;w=86400',
    ratelimit: '"second";r=4;t=1, "day";r=2;t=600',
  });
  assert.deepEqual(news.policy, { count: 100, windowMs: 86_400_000 });
  assert.deepEqual([news.remaining, news.waitMs], [2, 600_000]);
});

test("an answer without any of the fields says nothing", () => {
  const nothing = { policyText: undefined, policy: undefined };
  assert.deepEqual(read({}), { ...nothing, remaining: undefined, waitMs: undefined });
});

for (const value of ["", "5", '"a"', '"a";q=x;w=1', "default;q=5;w=1", '"a";q=5', '"a";;=']) {
  test(`a policy that cannot be read says nothing (${value})`, () => {
    assert.equal(read({ "ratelimit-policy": value }).policy, undefined);
  });
}

test("Retry-After is seconds or a date, and nothing else", () => {
  const wallMs = Date.UTC(2026, 0, 1);
  assert.equal(parseRetryAfter("120", wallMs), 120_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", wallMs), 5000);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:05 GMT", wallMs), 0);
  for (const value of ["", "-1", "1.5", "soon", "Thu, whenever"]) {
    assert.equal(parseRetryAfter(value, wallMs), undefined, value);
  }
});
