import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadPlan, LoadResult } from "./result.ts";
import { makeSchedule } from "./schedule.ts";
import { summarizeRun } from "./summary.ts";
import { type AnswerFacts, classifyStatus, LoadTally } from "./tally.ts";

const plan: LoadPlan = {
  method: "GET",
  urls: ["http://127.0.0.1:8001/"],
  model: { kind: "closed" },
  requests: 10,
  durationMs: undefined,
  connections: 2,
  threads: 1,
  pipelining: 1,
  keepAlive: true,
  delayMs: 0,
  warmUpMs: 0,
  timeoutMs: 1000,
  polite: false,
  checksBodies: false,
  sources: ["127.0.0.1", "127.0.0.2"],
  headers: [],
};

function answer(status: number, latencyMs: number, sourceIndex = 0, elapsedMs = 100): AnswerFacts {
  const times = { latencyMs, latencyFromDueMs: latencyMs + 1000, elapsedMs };
  return { status, bodyBytes: 10, isRetried: false, oddities: 0, sourceIndex, ...times };
}

const failure = (detail: string) => ({ kind: "failed", reason: "reset", detail }) as const;

function summarize(ofPlan: LoadPlan, tallies: readonly LoadTally[], ms = 2500): LoadResult {
  const times = { startedWallMs: 0, finishedWallMs: ms, durationMs: ms, sendingMs: ms };
  return summarizeRun(
    ofPlan,
    makeSchedule(ofPlan.model, ofPlan.delayMs),
    tallies.map(({ data }) => structuredClone(data)),
    { ...times, isInterrupted: false },
  );
}

test("statuses are classed: 2xx and 3xx admitted, 429 refused, all else failed", () => {
  const classes = [200, 204, 301, 304, 399, 400, 404, 428, 429, 430, 500, 503].map(classifyStatus);
  assert.deepEqual(classes.slice(0, 5), Array(5).fill("admitted"));
  assert.deepEqual(classes.slice(5), [
    ...["failed", "failed", "failed", "refused", "failed", "failed", "failed"],
  ]);
});

function recordAll(...tallies: readonly LoadTally[]): void {
  const at = (index: number): LoadTally => tallies[index % tallies.length]!;
  for (let index = 0; index < 6; index++) at(index).recordSent(0, index === 1);
  at(0).recordAnswer({ ...answer(200, 5), isRetried: true });
  at(1).recordAnswer(answer(429, 1, 1, 999));
  at(0).recordAnswer(answer(404, 2, 0, 1000));
  at(0).recordFailure(failure("first"), false, 1, 2400);
  at(1).recordFailure(failure("second"), false, 1, 2450);
  at(1).recordAbandoned(1);
}

for (const threadCount of [1, 2]) {
  test(`outcomes are counted by class, status, reason, source and second (${threadCount} tallies)`, () => {
    const tallies = Array.from({ length: threadCount }, () => new LoadTally(plan));
    recordAll(...tallies);
    const result = summarize(plan, tallies);
    assert.deepEqual(
      [result.total, result.answered, result.admitted, result.refused, result.failed],
      [5, 3, 1, 1, 3],
    );
    assert.deepEqual(
      [result.abandoned, result.retried, result.late, result.bodyBytes, result.neverSent],
      [1, 1, 1, 30, 0],
    );
    assert.deepEqual(result.rate, { achieved: 2, admitted: 0.4 });
    assert.deepEqual(result.byStatus, { 200: 1, 404: 1, 429: 1 });
    assert.deepEqual(result.failuresByReason, { reset: { count: 2, example: "first" } });
    assert.deepEqual(
      result.sources.map(({ latencyMs, ...counts }) => ({ ...counts, count: latencyMs?.count })),
      [
        { address: "127.0.0.1", admitted: 1, refused: 0, failed: 1, count: 2 },
        { address: "127.0.0.2", admitted: 0, refused: 1, failed: 2, count: 1 },
      ],
    );
    assert.deepEqual(
      result.seconds.map(({ p50Ms, p99Ms, ...counts }) => counts),
      [
        { second: 0, admitted: 1, refused: 1, failed: 0, due: 6, bodyBytes: 20 },
        { second: 1, admitted: 0, refused: 0, failed: 1, due: 0, bodyBytes: 10 },
        { second: 2, admitted: 0, refused: 0, failed: 2, due: 0, bodyBytes: 0 },
      ],
    );
    assert.deepEqual(
      result.seconds.map(({ p99Ms }) => p99Ms && Math.round(p99Ms)),
      [5, 2, undefined],
    );
    const { all, admitted, refused } = result.latencyMs;
    assert.deepEqual([all?.count, admitted?.max, refused?.max], [3, 5, 1]);
    assert.equal(result.latencyFromDueMs, undefined);
  });
}

test("a run without sources has one entry without an address, and no latency of nothing", () => {
  const single: LoadPlan = { ...plan, requests: 1, sources: [] };
  const tally = new LoadTally(single);
  tally.recordFailure(failure("x"), false, 0, 1);
  const result = summarize(single, [tally]);
  assert.deepEqual(result.sources, [{ admitted: 0, refused: 0, failed: 1 }]);
  assert.deepEqual(result.latencyMs, {});
  assert.equal(result.finished, "1970-01-01T00:00:02.500Z");
  assert.equal(result.limit, undefined);
  assert.equal(result.bodies, undefined);
});

test("an open run tells what was due, never sent, and latencies from the moment due", () => {
  const stages = [{ durationMs: undefined, ratePerSecond: 4 }];
  const open: LoadPlan = { ...plan, model: { kind: "open", stages }, requests: undefined };
  const tally = new LoadTally(open);
  recordAll(tally);
  const result = summarize(open, [tally]);
  assert.equal(result.neverSent, 4);
  assert.equal(result.rate.intended, 4);
  assert.deepEqual(
    result.seconds.map(({ due }) => due),
    [4, 4, 2],
  );
  assert.deepEqual([result.latencyMs.all?.max, result.latencyFromDueMs?.all?.max], [5, 1005]);
});

test("what the server said about its limit and different bodies come from all threads", () => {
  const checked: LoadPlan = { ...plan, checksBodies: true };
  const tallies = [new LoadTally(checked), new LoadTally(checked)] as const;
  tallies[0].recordBody(0, "a");
  tallies[1].recordBody(0, "b");
  Object.assign(tallies[0].told, { told: 2, kept: 1, waitMsMin: 5, waitMsMax: 9 });
  Object.assign(tallies[1].told, { told: 1, broken: 1, waitMsMin: 3, waitMsMax: 4, policy: "p" });
  const { bodies, limit } = summarize(checked, tallies);
  assert.deepEqual(bodies, { distinct: 2 });
  assert.deepEqual(limit, {
    ...{ policy: "p", told: 3, kept: 1, broken: 1 },
    ...{ waitMsMin: 3, waitMsMax: 9 },
  });
});
