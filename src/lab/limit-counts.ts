// What a series of requests met at the limit, counted. Pure. Used by the limit experiment.

import type { LimitCounts } from "./lab-result.ts";
import type { PacedRequest } from "./paced-client.ts";

/** The duration is from the first request's start to the last answer. */
export function countRequests(requests: readonly PacedRequest[]): LimitCounts {
  const count = (outcome: PacedRequest["outcome"]): number =>
    requests.filter((request) => request.outcome === outcome).length;
  // Not spread into Math.min: a client may send more requests than a call takes arguments.
  let startedMs = Number.POSITIVE_INFINITY;
  let finishedMs = Number.NEGATIVE_INFINITY;
  for (const request of requests) {
    startedMs = Math.min(startedMs, request.startedMs);
    finishedMs = Math.max(finishedMs, request.finishedMs);
  }
  return {
    sent: requests.length,
    admitted: count("admitted"),
    refused: count("refused"),
    failed: count("failed"),
    durationMs: requests.length === 0 ? 0 : finishedMs - startedMs,
  };
}
