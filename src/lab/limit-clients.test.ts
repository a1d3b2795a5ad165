import assert from "node:assert/strict";
import { test } from "node:test";
import { countAdmittedWithin, countRequests, type PacedRequest } from "./limit-clients.ts";

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

/** Requests given as [sent, answered]. */
function count(...times: [number, number][]): number {
  const requests = times.map(([startedMs, finishedMs]) => ({ startedMs, finishedMs }));
  return countAdmittedWithin(requests, 1000);
}

test("of no requests none is within a window", () => {
  assert.equal(count(), 0);
});

test("three sent and answered within 999 ms are three, a fourth at 1000 ms is none of them", () => {
  assert.equal(count([0, 1], [500, 501], [998, 999], [999, 1000]), 3);
});

test("a window in the middle counts [0, 2000, 2100, 2200, 4000]", () => {
  assert.equal(count([0, 1], [2000, 2001], [2100, 2101], [2200, 2201], [4000, 4001]), 3);
});

test("an answer that was read late is not held against the server [sent 0, read 500]", () => {
  // Admitted at 0 and at 1000, as the limit allows; the answers are only 501 ms apart.
  assert.equal(count([0, 500], [999, 1001]), 1);
});

test("requests in any order are counted alike", () => {
  assert.equal(count([900, 950], [0, 10], [2000, 2001], [400, 410]), 3);
});
