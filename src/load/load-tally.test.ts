import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadPlan } from "./load-result.ts";
import { classifyStatus, LoadTally } from "./load-tally.ts";
import type { RequestOutcome } from "./request-outcome.ts";

const plan: LoadPlan = {
  method: "GET",
  url: "http://127.0.0.1:8001/",
  requests: 10,
  connections: 2,
  keepAlive: true,
  delayMs: 0,
  timeoutMs: 1000,
  sources: ["127.0.0.1", "127.0.0.2"],
};
const times = { startedWallMs: 0, finishedWallMs: 2500, durationMs: 2500 };

function answered(status: number, latencyMs: number, retried = false): RequestOutcome {
  return {
    kind: "answered",
    status,
    bodyBytes: 10,
    latencyMs,
    complete: true,
    connectionReusable: true,
    retried,
  };
}

function failed(detail: string): RequestOutcome {
  return { kind: "failed", reason: "reset", detail, retried: false };
}

test("statuses are classed: 2xx and 3xx admitted, 429 refused, all else failed", () => {
  const classes = [200, 204, 301, 304, 399, 400, 404, 428, 429, 430, 500, 503].map(classifyStatus);
  assert.deepEqual(classes.slice(0, 5), Array(5).fill("admitted"));
  assert.deepEqual(classes.slice(5), [
    ...["failed", "failed", "failed", "refused", "failed", "failed", "failed"],
  ]);
});

test("outcomes are counted by class, status, reason, source and second", () => {
  const tally = new LoadTally(plan);
  tally.record(answered(200, 5, true), 0, 100);
  tally.record(answered(429, 1), 1, 999);
  tally.record(answered(404, 2), 0, 1000);
  tally.record(failed("first"), 1, 2400);
  tally.record(failed("second"), 1, 2450);
  tally.record({ kind: "abandoned" }, 0, 2500);
  tally.recordLate();
  const result = tally.summarize(times);
  assert.deepEqual(
    [result.total, result.answered, result.admitted, result.refused, result.failed],
    [5, 3, 1, 1, 3],
  );
  assert.deepEqual(
    [result.abandoned, result.retried, result.late, result.bodyBytes],
    [1, 1, 1, 30],
  );
  assert.equal(result.interrupted, true);
  assert.deepEqual(result.byStatus, { 200: 1, 404: 1, 429: 1 });
  assert.deepEqual(result.failuresByReason, { reset: { count: 2, example: "first" } });
  assert.deepEqual(result.sources, [
    { address: "127.0.0.1", admitted: 1, refused: 0, failed: 1 },
    { address: "127.0.0.2", admitted: 0, refused: 1, failed: 2 },
  ]);
  assert.deepEqual(result.seconds, [
    { second: 0, admitted: 1, refused: 1, failed: 0 },
    { second: 1, admitted: 0, refused: 0, failed: 1 },
    { second: 2, admitted: 0, refused: 0, failed: 2 },
  ]);
  assert.deepEqual(
    [result.latencyMs.all?.count, result.latencyMs.admitted?.max, result.latencyMs.refused?.max],
    [3, 5, 1],
  );
});

test("a run without sources has one entry without an address, and no latency of nothing", () => {
  const tally = new LoadTally({ ...plan, requests: 1, sources: [] });
  tally.record(failed("x"), 0, 1);
  const result = tally.summarize(times);
  assert.deepEqual(result.sources, [{ admitted: 0, refused: 0, failed: 1 }]);
  assert.deepEqual(result.latencyMs, {});
  assert.equal(result.interrupted, false);
  assert.equal(result.finished, "1970-01-01T00:00:02.500Z");
});
