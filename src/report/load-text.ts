// A load result for a person: the short form of `weir load HOST PORT PATH COUNT`, whose lines are a
// contract that programs read, and the full form of `weir load URL`. Pure.

import type { LoadResult } from "../load/load-result.ts";
import type { FailureReason } from "../load/request-outcome.ts";
import type { Distribution } from "../stats/percentiles.ts";
import { formatTable } from "./text-table.ts";

/** What each reason of a failure means, for the one who reads it. */
const reasonTexts: Readonly<Record<FailureReason, string>> = {
  refused: "nothing listens there",
  unreachable: "no way to the server",
  "closed-early": "the server closed before the answer was complete",
  reset: "the server reset the connection",
  garbage: "the answer is not valid HTTP/1.1",
  "timed-out": "no complete answer in time",
  "wrong-length": "the body has another length than announced",
  "no-ports": "this machine has no free port left",
  "no-descriptors": "this process has too many open files",
  "host-unknown": "the host name is not known",
  "source-unknown": "not an address of this machine",
};

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Six lines at most but for the failures: refused (429) counts as failed here. */
export function formatLoadLines(result: LoadResult): string {
  const failedCount = result.refused + result.failed;
  const lines = [
    `Total requests: ${result.total}`,
    `Successful: ${result.admitted}`,
    `Failed: ${failedCount}`,
    `Total time: ${formatSeconds(result.durationMs)} s`,
    `Successful req/sec: ${ratePerSecond(result.admitted, result).toFixed(2)}`,
  ];
  if (failedCount > 0) {
    lines.push("Failures by status:");
    for (const [status, count] of failedStatuses(result)) lines.push(`  ${status}: ${count}`);
    for (const [reason, { count }] of Object.entries(result.failuresByReason)) {
      lines.push(`  ${reason}: ${count}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Paragraphs with tables; see load-result.ts for the words. */
export function formatLoadSummary(result: LoadResult): string {
  const paragraphs = [
    formatHeading(result),
    formatCounts(result),
    formatStatuses(result),
    formatFailures(result),
    formatLatency(result),
    formatSources(result),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function formatHeading(result: LoadResult): string[] {
  const { plan } = result;
  const connections = `${plan.connections} ${plan.connections === 1 ? "connection" : "connections"}`;
  const kept = plan.keepAlive ? connections : `up to ${plan.connections} at once`;
  const spaced = plan.delayMs > 0 ? `, one every ${plan.delayMs} ms` : "";
  const stopped = result.interrupted
    ? [`Stopped early: ${result.total} of ${plan.requests} requests are done.`]
    : [];
  return [
    `${plan.method} ${plan.url}`,
    `${plan.requests} ${plan.requests === 1 ? "request" : "requests"}, ${kept}${spaced}`,
    ...stopped,
  ];
}

function formatCounts(result: LoadResult): string[] {
  const rate = (count: number): string => `${ratePerSecond(count, result).toFixed(2)}/s`;
  const row = (name: string, count: number, meaning: string): string[] => [
    name,
    String(count),
    rate(count),
    meaning,
  ];
  const rows = [
    ["", "count", "rate", ""],
    row("total", result.total, ""),
    row("admitted", result.admitted, "2xx, 3xx"),
    row("refused", result.refused, "429, the server's limit"),
    row("errors", result.failed, "other statuses, or no answer"),
  ];
  const texts = rows.map((cells) => cells.at(-1)!);
  const table = formatTable(rows.map((cells) => cells.slice(0, -1)));
  const lines = table.map((line, index) => `${line}  ${texts[index]}`.trimEnd());
  const notes = [
    `  ${formatBytes(result.bodyBytes)} of bodies in ${formatSeconds(result.durationMs)} s`,
  ];
  if (result.retried > 0) {
    notes.push(`  ${result.retried} sent again: the server had closed the kept connection`);
  }
  if (result.late > 0) {
    notes.push(`  ${result.late} sent late: all connections were busy; raise --connections`);
  }
  return ["Requests", ...lines, ...notes];
}

function formatStatuses({ byStatus }: LoadResult): string[] {
  const rows = Object.entries(byStatus).map(([status, count]) => [status, String(count)]);
  return rows.length === 0 ? [] : ["Statuses", ...formatTable(rows)];
}

function formatFailures({ failuresByReason }: LoadResult): string[] {
  const lines: string[] = [];
  for (const [reason, { count, example }] of Object.entries(failuresByReason)) {
    lines.push(`  ${reason}: ${count} (${reasonTexts[reason as FailureReason]})`);
    lines.push(`    for example: ${example}`);
  }
  return lines.length === 0 ? [] : ["Without an answer", ...lines];
}

function formatLatency({ latencyMs, admitted, answered }: LoadResult): string[] {
  if (latencyMs.all === undefined) return [];
  const row = (name: string, of: Distribution): string[] => [
    name,
    ...[of.min, of.mean, of.p50, of.p90, of.p99, of.max].map((value) => value.toFixed(2)),
  ];
  const rows = [["", "min", "mean", "p50", "p90", "p99", "max"], row("all", latencyMs.all)];
  // Refusals are quick, and would make the admitted requests look quick too.
  if (latencyMs.admitted && admitted < answered) rows.push(row("admitted", latencyMs.admitted));
  if (latencyMs.refused) rows.push(row("refused", latencyMs.refused));
  return ["Latency in ms, to the last byte", ...formatTable(rows)];
}

function formatSources({ sources }: LoadResult): string[] {
  if (sources.length < 2) return [];
  const rows = sources.map(({ address, admitted, refused, failed }) => [
    address ?? "",
    String(admitted),
    String(refused),
    String(failed),
  ]);
  return ["Sources", ...formatTable([["", "admitted", "refused", "errors"], ...rows])];
}

/** Statuses that are no success, ascending. */
function failedStatuses({ byStatus }: LoadResult): [string, number][] {
  return Object.entries(byStatus).filter(([status]) => !/^[23]/.test(status));
}

function ratePerSecond(count: number, { durationMs }: LoadResult): number {
  return durationMs > 0 ? (count * 1000) / durationMs : 0;
}

function formatSeconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(2);
}

/** `12.3 KiB`; whole bytes below 1 KiB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unitIndex = 0;
  while (value >= 1024 && unitIndex < byteUnits.length - 1) {
    value /= 1024;
    unitIndex++;
  }
  return `${unitIndex === 0 ? value : value.toFixed(1)} ${byteUnits[unitIndex]}`;
}
