// One second of the server's life: what lies between two readings of its counters. Pure; called by
// monitor.ts.

import { latencyQuantile } from "../metrics/latency-buckets.ts";
import { latencyCounts, type MetricValues, requestsOfClass } from "../metrics/metrics-reader.ts";
import {
  METRIC_BODY_BYTES,
  METRIC_CONNECTIONS_OPEN,
  METRIC_REFUSED,
  METRIC_REFUSED_UNKNOWN,
  METRIC_REQUESTS_IN_PROGRESS,
  METRIC_STATUS_CLASSES,
} from "../shared-memory/metrics-layout.ts";
import type { Sample } from "./snapshot.ts";

/** @param elapsedMs between the two readings, above 0 */
export function sampleBetween(
  before: MetricValues,
  after: MetricValues,
  elapsedMs: number,
  timeMs: number,
): Sample {
  const perSecond = (gained: number) => round((gained * 1000) / elapsedMs);
  const gained = after.map((value, index) => value - before[index]!);
  const [succeeded = 0, redirected = 0, clientErrors = 0, serverErrors = 0] =
    METRIC_STATUS_CLASSES.map((_, index) => requestsOfClass(gained, index));
  const refused = gained[METRIC_REFUSED]!;
  const unknown = gained[METRIC_REFUSED_UNKNOWN]!;
  const quantile = (share: number) => {
    const durationMs = latencyQuantile(latencyCounts(gained), share);
    return durationMs === undefined ? null : round(durationMs);
  };
  return {
    timeMs,
    requestsPerSecond: perSecond(succeeded + redirected + clientErrors + serverErrors),
    succeededPerSecond: perSecond(succeeded),
    redirectedPerSecond: perSecond(redirected),
    clientErrorsPerSecond: perSecond(clientErrors - (refused - unknown)),
    refusedPerSecond: perSecond(refused),
    serverErrorsPerSecond: perSecond(serverErrors - unknown),
    bytesPerSecond: perSecond(gained[METRIC_BODY_BYTES]!),
    latencyP50Ms: quantile(0.5),
    latencyP90Ms: quantile(0.9),
    latencyP99Ms: quantile(0.99),
    connectionsOpen: after[METRIC_CONNECTIONS_OPEN]!,
    requestsInProgress: after[METRIC_REQUESTS_IN_PROGRESS]!,
  };
}

/** To thousandths: what is behind them is noise, and an hour of it is sent to each dashboard. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
