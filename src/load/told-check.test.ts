import assert from "node:assert/strict";
import { test } from "node:test";
import type { LimitNews } from "./limit-fields.ts";
import type { Exchange } from "./pipelined-connection.ts";
import { newToldCounts, ToldCheck } from "./told-check.ts";

const sentAt = (sentMs: number): Exchange => ({
  requestIndex: 0,
  dueMs: 0,
  sentMs,
  isRetried: false,
  isCheck: false,
});
const told = (waitMs: number | undefined): LimitNews => ({
  policyText: '"default";q=1;w=1',
  policy: undefined,
  remaining: undefined,
  waitMs,
});

function startCheck() {
  const counts = newToldCounts();
  const check = new ToldCheck(counts);
  const send = (sentMs: number): Exchange => {
    const exchange = sentAt(sentMs);
    check.onSend(exchange);
    return exchange;
  };
  return { counts, check, send };
}

test("a server that admits after the time told has kept its word", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  check.onAnswer(send(110), "admitted", undefined, 111);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [1, 1, 0]);
  assert.deepEqual([counts.waitMsMin, counts.waitMsMax], [100, 100]);
  assert.equal(counts.policy, '"default";q=1;w=1');
});

test("one that refuses again has broken it, and what it tells then is checked too", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  check.onAnswer(send(150), "refused", told(50), 151);
  check.onAnswer(send(201), "admitted", undefined, 202);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 1, 1]);
  assert.deepEqual([counts.waitMsMin, counts.waitMsMax], [50, 100]);
});

test("who asks too soon checks nothing", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  check.onAnswer(send(50), "refused", told(60), 51);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 0, 0]);
});

test("a refusal beside other requests of the same source is no broken word", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  const first = send(120);
  const second = send(120);
  check.onAnswer(second, "admitted", undefined, 121);
  check.onAnswer(first, "refused", told(99), 121);
  assert.deepEqual([counts.kept, counts.broken], [0, 0]);
});

test("a refusal that tells no time is not counted as told", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(undefined), 10);
  assert.equal(counts.told, 0);
});

test("a request without an answer ends the certainty", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  const first = send(120);
  send(121);
  check.onFailure();
  check.onAnswer(first, "refused", told(99), 122);
  assert.equal(counts.broken, 0);
});

test("an error that is no refusal has passed the limit [404], and uses what the wait was for", () => {
  const { counts, check, send } = startCheck();
  check.onAnswer(send(0), "refused", told(100), 10);
  check.onAnswer(send(110), "failed", undefined, 111);
  check.onAnswer(send(120), "refused", told(90), 121);
  assert.deepEqual([counts.told, counts.kept, counts.broken], [2, 1, 0]);
});
