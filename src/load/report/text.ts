// A load result as text: the short form of `weir load HOST PORT PATH COUNT`, whose lines programs read and
// so must not change, and the full form of `weir load URL`. Pure.

import {
  formatBytes,
  formatMs,
  formatPercent,
  formatSeconds,
  formatTable,
} from "../../base/figure-text.ts";
import type { FailureReason } from "../request-outcome.ts";
import type { LoadResult } from "../result.ts";
import type { Distribution } from "../statistics.ts";
import { chooseBinEdges, countBins } from "./series.ts";
import {
  describePlan,
  describeStop,
  describeTarget,
  listLimitFacts,
  listNotes,
  listOddAnswers,
  REASON_TEXTS,
} from "./words.ts";

/** How many lines the distribution has, and how many characters its longest bar. */
const BIN_COUNT_MAX = 14;
const BAR_COLUMN_COUNT = 36;

/** Five lines, and more for failures and odd answers. Refused (429) counts as failed here. */
export function formatLoadLines(result: LoadResult): string {
  const failedCount = result.refused + result.failed;
  const lines = [
    `Total requests: ${result.total}`,
    `Successful: ${result.admitted}`,
    `Failed: ${failedCount}`,
    `Total time: ${formatSeconds(result.durationMs)}`,
    `Successful req/sec: ${ratePerSecond(result.admitted, result).toFixed(2)}`,
  ];
  if (failedCount > 0) {
    lines.push("Failures by status:");
    for (const [status, count] of failedStatuses(result)) lines.push(`  ${status}: ${count}`);
    for (const [reason, { count }] of Object.entries(result.failuresByReason)) {
      lines.push(`  ${reason}: ${count}`);
    }
  }
  lines.push(...formatOddAnswers(result));
  return `${lines.join("\n")}\n`;
}

/** Paragraphs with tables; result.ts explains the words. */
export function formatLoadSummary(result: LoadResult): string {
  const paragraphs = [
    formatHeading(result),
    formatCounts(result),
    formatStatuses(result),
    formatFailures(result),
    formatOddAnswers(result),
    formatLatency(result),
    formatDistribution(result),
    formatSources(result),
    formatLimit(result),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function formatHeading(result: LoadResult): string[] {
  const lines = [describeTarget(result.plan), describePlan(result.plan), describeStop(result)];
  return lines.filter((line) => line !== undefined);
}

function formatCounts(result: LoadResult): string[] {
  const { intended } = result.rate;
  const rate = (count: number): string => `${ratePerSecond(count, result).toFixed(2)}/s`;
  const row = (name: string, count: number, meaning: string): string[] => [
    name,
    String(count),
    rate(count),
    meaning,
  ];
  const rows = [
    ["", "count", "rate", ""],
    ...(intended === undefined ? [] : [["due", "", `${intended.toFixed(2)}/s`, "the schedule"]]),
    row("total", result.total, ""),
    row("admitted", result.admitted, "2xx, 3xx"),
    row("refused", result.refused, "429, the server's limit"),
    row("errors", result.failed, "other statuses, or no answer"),
  ];
  const texts = rows.map((cells) => cells.at(-1)!);
  const table = formatTable(rows.map((cells) => cells.slice(0, -1)));
  const lines = table.map((line, index) => `${line}  ${texts[index]}`.trimEnd());
  const bodies = `${formatBytes(result.bodyBytes)} of bodies in ${formatSeconds(result.durationMs)}`;
  return ["Requests", ...lines, ...[bodies, ...listNotes(result)].map((note) => `  ${note}`)];
}

function formatStatuses({ byStatus }: LoadResult): string[] {
  const rows = Object.entries(byStatus).map(([status, count]) => [status, String(count)]);
  return rows.length === 0 ? [] : ["Statuses", ...formatTable(rows)];
}

function formatFailures({ failuresByReason }: LoadResult): string[] {
  const lines: string[] = [];
  for (const [reason, { count, example }] of Object.entries(failuresByReason)) {
    lines.push(`  ${reason}: ${count} (${REASON_TEXTS[reason as FailureReason]})`);
    lines.push(`    for example: ${example}`);
  }
  return lines.length === 0 ? [] : ["Without an answer", ...lines];
}

/** Odd answers count like the others; this shows what a stricter client would refuse. */
function formatOddAnswers(result: LoadResult): string[] {
  const rows = listOddAnswers(result);
  if (rows.length === 0) return [];
  const lines = rows.map(([kind, count, text]) => `  ${kind}: ${count} (${text})`);
  return [`Odd answers: ${result.oddAnswers.count}`, ...lines];
}

function formatLatency(result: LoadResult): string[] {
  const { latencyMs, latencyFromDueMs, admitted, answered } = result;
  if (latencyMs.all === undefined) return [];
  const row = (name: string, of: Distribution | undefined): string[][] =>
    of === undefined
      ? []
      : [[name, ...[of.min, of.mean, of.p50, of.p90, of.p99, of.max].map((ms) => ms.toFixed(2))]];
  return [
    latencyFromDueMs === undefined
      ? "Latency in ms, to the last byte"
      : "Latency in ms, to the last byte; corrected: from the moment the request was due",
    ...formatTable([
      ["", "min", "mean", "p50", "p90", "p99", "max"],
      ...row("corrected", latencyFromDueMs?.all),
      ...row(latencyFromDueMs === undefined ? "all" : "from sending", latencyMs.all),
      // Refusals are quick and would make the admitted requests look quick as well.
      ...(admitted < answered ? row("admitted", latencyMs.admitted) : []),
      ...row("refused", latencyMs.refused),
    ]),
  ];
}

function formatDistribution({ latencyMs, latencyFromDueMs }: LoadResult): string[] {
  const summary = latencyFromDueMs?.all ?? latencyMs.all;
  if (summary === undefined || summary.buckets.length === 0) return [];
  const edges = chooseBinEdges([summary], BIN_COUNT_MAX);
  const counts = countBins(summary, edges);
  const countMax = Math.max(...counts);
  const rows = counts.map((count, index) => [
    formatMs(edges[index]!),
    `to ${formatMs(edges[index + 1]!)}`,
    String(count),
    formatPercent(count / summary.count),
  ]);
  const bars = counts.map((count) => "█".repeat(Math.ceil((count * BAR_COLUMN_COUNT) / countMax)));
  const table = formatTable(rows).map((line, index) => `${line}  ${bars[index]}`.trimEnd());
  return [`Distribution${latencyFromDueMs === undefined ? "" : ", corrected"}`, ...table];
}

function formatLimit(result: LoadResult): string[] {
  const facts = listLimitFacts(result);
  if (facts.length === 0) return [];
  const nameLength = Math.max(...facts.map(([name]) => name.length));
  return [
    "The server's limit",
    ...facts.map(([name, text]) => `  ${name.padEnd(nameLength)}  ${text}`),
  ];
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

/** The statuses that are not a success, ascending. */
function failedStatuses({ byStatus }: LoadResult): [string, number][] {
  return Object.entries(byStatus).filter(([status]) => !/^[23]/.test(status));
}

function ratePerSecond(count: number, { durationMs }: LoadResult): number {
  return durationMs > 0 ? (count * 1000) / durationMs : 0;
}
