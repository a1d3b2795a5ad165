import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Exchange } from "./pipelined-connection.ts";
import {
  type LimitNews,
  newRetryAfterCounts,
  PoliteGate,
  RetryAfterCheck,
  readLimitNews,
} from "./server-limit.ts";

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
  const noPolicy = { policyText: undefined, policy: undefined };
  assert.deepEqual(read({}), { ...noPolicy, remaining: undefined, waitMs: undefined });
});

for (const value of ["", "5", '"a"', '"a";q=x;w=1', "default;q=5;w=1", '"a";q=5', '"a";;=']) {
  test(`a policy that cannot be read says nothing (${value})`, () => {
    assert.equal(read({ "ratelimit-policy": value }).policy, undefined);
  });
}

const sentAt = (sentMs: number): Exchange => ({
  requestIndex: 0,
  dueMs: 0,
  sentMs,
  isRetried: false,
  isCheck: false,
});
const toldToWait = (waitMs: number | undefined): LimitNews => ({
  policyText: '"default";q=1;w=1',
  policy: undefined,
  remaining: undefined,
  waitMs,
});

function startCheck() {
  const counts = newRetryAfterCounts();
  const check = new RetryAfterCheck(counts);
  const send = (sentMs: number): Exchange => {
    const exchange = sentAt(sentMs);
    check.onSend(exchange);
    return exchange;
  };
  return { counts, check, send };
}

test("a server that admits after the time toldToWait has kept its word", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  check.onAnswer(send(110), "admitted", undefined, 111);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [1, 1, 0]);
  assert.deepEqual([counts.waitMsMin, counts.waitMsMax], [100, 100]);
  assert.equal(counts.policy, '"default";q=1;w=1');
});

test("one that refuses again has broken it, and what it tells then is checked too", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  check.onAnswer(send(150), "refused", toldToWait(50), 151);
  check.onAnswer(send(201), "admitted", undefined, 202);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 1, 1]);
  assert.deepEqual([counts.waitMsMin, counts.waitMsMax], [50, 100]);
});

test("a request that comes too soon checks nothing", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  check.onAnswer(send(50), "refused", toldToWait(60), 51);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 0, 0]);
});

test("a refusal with other requests of the source on their way does not break the word", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  const first = send(120);
  const second = send(120);
  check.onAnswer(second, "admitted", undefined, 121);
  check.onAnswer(first, "refused", toldToWait(99), 121);
  assert.deepEqual([counts.kept, counts.broken], [0, 0]);
});

test("a refusal that tells no time is not counted as toldToWait", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(undefined), 10);
  assert.equal(counts.told, 0);
});

test("a request without an answer ends the certainty", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  const first = send(120);
  send(121);
  check.onFailure();
  check.onAnswer(first, "refused", toldToWait(99), 122);
  assert.equal(counts.broken, 0);
});

test("an error that is no refusal has passed the limit [404], and uses what the wait was for", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", toldToWait(100), 10);
  check.onAnswer(send(110), "failed", undefined, 111);
  check.onAnswer(send(120), "refused", toldToWait(90), 121);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 1, 0]);
});

const noPolicy = { policyText: undefined, policy: undefined };
const newsOf = (remaining?: number, waitMs?: number): LimitNews => ({
  ...noPolicy,
  remaining,
  waitMs,
});

test("it asks with one request, sends what is left, and asks again when told", () => {
  const gate = new PoliteGate();
  assert.equal(gate.opensAtMs, 0);
  gate.onSend();
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, newsOf(2, 1000), 10);
  for (let count = 0; count < 2; count++) {
    assert.equal(gate.opensAtMs, 0);
    gate.onSend();
  }
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, newsOf(1, 1000), 20);
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, newsOf(0, 900), 30);
  assert.equal(gate.opensAtMs, 932);
  gate.onSend();
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
});

test("without a word about a limit nothing is waited for", () => {
  const gate = new PoliteGate();
  gate.onSend();
  gate.onAnswer(false, newsOf(), 5);
  for (let count = 0; count < 1000; count++) gate.onSend();
  assert.equal(gate.opensAtMs, 0);
});

test("a refusal is obeyed, with the time told and with none", () => {
  for (const [waitMs, opensAtMs] of [
    [5000, 5012],
    [undefined, 1012],
  ] as const) {
    const gate = new PoliteGate();
    gate.onSend();
    gate.onAnswer(true, newsOf(undefined, waitMs), 10);
    assert.equal(gate.opensAtMs, opensAtMs);
  }
});

test("a request that got no answer is followed by another, after the window if it is known", () => {
  const gate = new PoliteGate();
  gate.onSend();
  gate.onFailure(7);
  assert.equal(gate.opensAtMs, 7);
  gate.onSend();
  gate.onAnswer(false, { ...newsOf(0), policy: { count: 1, windowMs: 500 } }, 10);
  gate.onSend();
  gate.onFailure(600);
  assert.equal(gate.opensAtMs, 1100);
});

/** A server with an exact window, that answers after a time of its own for each request. */
function refusalCount(limit: number, windowMs: number, gapsMs: readonly number[]): number {
  const gate = new PoliteGate();
  const admittedAt: number[] = [];
  const onItsWay: { isRefused: boolean; news: LimitNews; atMs: number }[] = [];
  let refusals = 0;
  let nowMs = 0;
  for (const [index, gapMs] of gapsMs.entries()) {
    const opensAtMs = gate.opensAtMs;
    if (Number.isFinite(opensAtMs)) {
      nowMs = Math.max(nowMs, opensAtMs);
      const arrivesMs = nowMs + gapMs;
      const inWindow = admittedAt.filter((atMs) => atMs > arrivesMs - windowMs);
      const isRefused = inWindow.length >= limit;
      if (isRefused) refusals++;
      else admittedAt.push(arrivesMs);
      const oldest = isRefused ? inWindow : [...inWindow, arrivesMs];
      const remaining = Math.max(0, limit - oldest.length);
      const waitMs = Math.min(...oldest) + windowMs - arrivesMs;
      gate.onSend();
      onItsWay.push({ isRefused, news: newsOf(remaining, waitMs), atMs: arrivesMs + gapMs });
    }
    // Answers come one by one where another may still be sent, and all when none may.
    const takeCount = Number.isFinite(gate.opensAtMs) ? index % 2 : onItsWay.length;
    for (const answer of onItsWay.splice(0, takeCount)) {
      nowMs = Math.max(nowMs, answer.atMs);
      gate.onAnswer(answer.isRefused, answer.news, nowMs);
    }
  }
  return refusals;
}

test("no server with an exact window refuses it, whatever the limit and the way there", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 5, maxLength: 100 });
  const limit = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(limit, gaps, (count, gapsMs) => {
      assert.equal(refusalCount(count, 1000, gapsMs), 0);
    }),
  );
});
