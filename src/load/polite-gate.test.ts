import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LimitNews } from "./limit-fields.ts";
import { PoliteGate } from "./polite-gate.ts";

const nothing = { policyText: undefined, policy: undefined };
const news = (remaining?: number, waitMs?: number): LimitNews => ({
  ...nothing,
  remaining,
  waitMs,
});

test("it asks with one request, sends what is left, and asks again when told", () => {
  const gate = new PoliteGate();
  assert.equal(gate.opensAtMs, 0);
  gate.onSend();
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, news(2, 1000), 10);
  for (let count = 0; count < 2; count++) {
    assert.equal(gate.opensAtMs, 0);
    gate.onSend();
  }
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, news(1, 1000), 20);
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
  gate.onAnswer(false, news(0, 900), 30);
  assert.equal(gate.opensAtMs, 932);
  gate.onSend();
  assert.equal(gate.opensAtMs, Number.POSITIVE_INFINITY);
});

test("without a word about a limit nothing is waited for", () => {
  const gate = new PoliteGate();
  gate.onSend();
  gate.onAnswer(false, news(), 5);
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
    gate.onAnswer(true, news(undefined, waitMs), 10);
    assert.equal(gate.opensAtMs, opensAtMs);
  }
});

test("a request that got no answer is followed by another, after the window if it is known", () => {
  const gate = new PoliteGate();
  gate.onSend();
  gate.onFailure(7);
  assert.equal(gate.opensAtMs, 7);
  gate.onSend();
  gate.onAnswer(false, { ...news(0), policy: { count: 1, windowMs: 500 } }, 10);
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
      onItsWay.push({ isRefused, news: news(remaining, waitMs), atMs: arrivesMs + gapMs });
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
