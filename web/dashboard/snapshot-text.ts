// The single numbers and words of the page, by the `data-value` of their element: the fields of the snapshot
// in kebab-case. Pure. Called by main.ts. Tests read the page by these names.

import type { Snapshot } from "../../src/admin/snapshot.ts";
import {
  formatBytes,
  formatCount,
  formatLatency,
  formatRate,
  formatUptime,
  formatWait,
  NO_VALUE,
} from "./number-format.ts";

/** `nowMs` is milliseconds since 1970 on the server's clock, as `startedMs` is. */
export function formatSnapshot(snapshot: Snapshot, nowMs: number): Record<string, string> {
  return {
    ...formatFacts(snapshot, nowMs),
    ...formatLastSecond(snapshot),
    ...formatTotals(snapshot),
    ...formatUpkeep(snapshot),
  };
}

function formatFacts({ server }: Snapshot, nowMs: number): Record<string, string> {
  return {
    "root-dir": server.rootDir,
    rate: server.rate === null ? "no limit" : `${server.rate.text} for each client`,
    version: server.version,
    "node-version": server.nodeVersion,
    uptime: formatUptime(nowMs - server.startedMs),
  };
}

function formatLastSecond({ last }: Snapshot): Record<string, string> {
  return {
    "requests-per-second": formatRate(last?.requestsPerSecond ?? null),
    "refused-per-second": formatRate(last?.refusedPerSecond ?? null),
    "bytes-per-second": formatBytes(last?.bytesPerSecond ?? null),
    "latency-p50-ms": formatLatency(last?.latencyP50Ms ?? null),
    "latency-p99-ms": formatLatency(last?.latencyP99Ms ?? null),
    "connections-open": formatWhole(last?.connectionsOpen),
    "requests-in-progress": formatWhole(last?.requestsInProgress),
  };
}

function formatTotals({ totals }: Snapshot): Record<string, string> {
  return {
    "requests-total": formatCount(totals.requests),
    "refused-total": formatCount(totals.refused),
    "body-bytes-total": formatCount(totals.bodyBytes),
    "hits-total": formatCount(totals.hits),
    "hot-file-hits-total": formatCount(totals.hotFileHits),
    "connections-accepted-total": formatCount(totals.connectionsAccepted),
    "connections-rejected-total": formatCount(totals.connectionsRejected),
  };
}

function formatUpkeep(snapshot: Snapshot): Record<string, string> {
  const { limiter, persistLagSeconds, logLinesDropped, otherClients } = snapshot;
  return {
    limiter: `${formatCount(limiter.slotsUsed)} of ${formatCount(limiter.slots)}`,
    "persist-lag": formatPersistLag(persistLagSeconds),
    "log-lines-dropped": formatCount(logLinesDropped),
    "other-clients": formatOtherClients(otherClients),
  };
}

function formatPersistLag(seconds: number | null): string {
  if (seconds === null) return "in memory only";
  return seconds < 0.05 ? "all saved" : `saved ${formatWait(seconds)} ago`;
}

function formatOtherClients(count: number): string {
  if (count === 0) return "";
  return count === 1 ? "and one other" : `and ${formatCount(count)} others`;
}

function formatWhole(count: number | undefined): string {
  return count === undefined ? NO_VALUE : formatCount(count);
}
