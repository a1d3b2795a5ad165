import assert from "node:assert/strict";
import { test } from "node:test";
import { countRequests } from "./limit-counts.ts";
import type { PacedRequest } from "./paced-client.ts";

test("outcomes are counted, and the duration spans from the first start to the last answer", () => {
  const requests: PacedRequest[] = [
    { startedMs: 110, finishedMs: 120, outcome: "refused" },
    { startedMs: 100, finishedMs: 130, outcome: "admitted" },
    { startedMs: 125, finishedMs: 126, outcome: "refused" },
    { startedMs: 126, finishedMs: 128, outcome: "failed" },
  ];
  assert.deepEqual(countRequests(requests), {
    sent: 4,
    admitted: 1,
    refused: 2,
    failed: 1,
    durationMs: 30,
  });
});

test("no requests took no time", () => {
  assert.equal(countRequests([]).durationMs, 0);
});
