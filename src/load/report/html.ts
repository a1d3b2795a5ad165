// A load result as one HTML page that opens from disk: what was asked for, what happened, and the plots
// with their figures. Pure. Used by the load command.

import {
  formatBytes,
  formatCount,
  formatCounted,
  formatMs,
  formatPercent,
  formatRate,
  formatSeconds,
} from "../../base/figure-text.ts";
import type { FailureReason } from "../request-outcome.ts";
import type { LoadPlan, LoadResult } from "../result.ts";
import type { Distribution } from "../statistics.ts";
import {
  formatFacts,
  formatHtmlTable,
  formatNotes,
  formatParagraph,
  formatReportPage,
  formatTiles,
  type Section,
} from "./page.ts";
import {
  formatDistributionPlot,
  formatLatencyPlot,
  formatRatePlot,
  formatStatusPlot,
  type NamedSummary,
} from "./plots.ts";
import {
  describePlan,
  describeStop,
  describeTarget,
  listLimitFacts,
  listNotes,
  listOddAnswers,
  REASON_TEXTS,
} from "./words.ts";

/** The whole page, as one HTML document. */
export function formatLoadPage(result: LoadResult): string {
  const { plan, started } = result;
  const sections = [
    makeSection("rate", "Rate over time", formatRates(result)),
    makeSection("latency", "Latency over time", formatLatencies(result)),
    makeSection("distribution", "Distribution of the latency", formatDistributions(result)),
    makeSection("statuses", "Statuses", formatStatuses(result)),
    makeSection("failures", "Without an answer", formatFailures(result)),
    makeSection("odd-answers", "Odd answers", formatOddAnswers(result)),
    makeSection("sources", "Sources", formatSources(result)),
    makeSection("limit", "The server's limit", formatLimit(result)),
    makeSection("plan", "What was asked for", formatPlan(plan)),
  ];
  return formatReportPage({
    title: `Load on ${plan.urls[0]}`,
    heading: describeTarget(plan),
    leadHtml: formatLead(result),
    sections: sections.flat(),
    started,
  });
}

/** None when there is nothing to show. */
function makeSection(id: string, title: string, html: string): Section[] {
  return html === "" ? [] : [{ id, title, html }];
}

function formatLead(result: LoadResult): string {
  const { total, admitted, refused, failed, durationMs, rate } = result;
  const latency = (result.latencyFromDueMs ?? result.latencyMs).all;
  const classes = [
    `${formatCount(admitted)} admitted`,
    `${formatCount(refused)} refused by its limit`,
    `${formatCount(failed)} failed`,
  ];
  const tiles: [string, string][] = [
    ...(rate.intended === undefined
      ? []
      : ([["due", formatRate(rate.intended)]] satisfies [string, string][])),
    ["finished", formatRate(rate.achieved)],
    ["admitted", formatRate(rate.admitted)],
    ...(latency === undefined
      ? []
      : ([
          ["median latency", formatMs(latency.p50)],
          ["p99 latency", formatMs(latency.p99)],
        ] satisfies [string, string][])),
    ["bodies", formatBytes(result.bodyBytes)],
  ];
  const stop = describeStop(result);
  return [
    formatParagraph(
      `${formatCounted(total, "request")} in ${formatSeconds(durationMs)}: ${classes.join(", ")}.`,
      "lead",
    ),
    formatParagraph(`Asked for: ${describePlan(result.plan)}.`, "quiet"),
    formatTiles(tiles),
    formatNotes([...(stop === undefined ? [] : [stop]), ...listNotes(result)]),
  ].join("\n");
}

function formatRates(result: LoadResult): string {
  const plot = formatRatePlot(result);
  if (plot === "") return "";
  const due =
    result.plan.model.kind === "open"
      ? " The dotted line is the schedule. Where the others fall below it, the server or the client was behind."
      : " Each connection sends when it has its answer, so the server sets the pace.";
  const words = `Requests that finished, by what became of them: admitted (2xx, 3xx), refused (429, the server's limit at work), failed (any other status, or no complete answer).${due}`;
  return `${formatParagraph(words)}\n${plot}`;
}

function formatLatencies(result: LoadResult): string {
  const plot = formatLatencyPlot(result);
  if (plot === "") return "";
  const words =
    "The median (p50) and the 99th percentile of the answers of each second, from the moment a request was sent to the last byte of its answer.";
  return `${formatParagraph(words)}\n${plot}`;
}

function formatDistributions(result: LoadResult): string {
  const series = listDistributions(result);
  if (series.length === 0) return "";
  const words =
    result.latencyFromDueMs === undefined
      ? "How long the answers took. The scale is logarithmic: each step to the right is a multiple."
      : "How long the answers took. Corrected counts from the moment a request was due, so that a stalled server cannot hide behind requests that were not sent; uncorrected counts from the moment it was sent. The scale is logarithmic: each step to the right is a multiple.";
  const rows = series.map(({ name, summary }) => [name, ...formatDistributionRow(summary)]);
  const heads = ["", "count", "min", "mean", "p50", "p90", "p99", "max"];
  const table = formatHtmlTable({ caption: "Percentiles of the latency", heads, rows });
  // If there are parts, they make up the whole, whose line would lie on the larger part.
  const drawn = series.filter(({ name }) => name !== "all answers" || series.length < 3);
  return [formatParagraph(words), formatDistributionPlot(drawn), table].join("\n");
}

/** The summaries to draw and to list, first the whole. */
function listDistributions(result: LoadResult): NamedSummary[] {
  const { latencyMs, latencyFromDueMs, admitted, answered } = result;
  const named = (name: string, summary: NamedSummary["summary"] | undefined): NamedSummary[] =>
    summary === undefined ? [] : [{ name, summary }];
  if (latencyFromDueMs !== undefined) {
    return [...named("corrected", latencyFromDueMs.all), ...named("uncorrected", latencyMs.all)];
  }
  if (admitted === answered) return named("all answers", latencyMs.all);
  return [
    ...named("all answers", latencyMs.all),
    ...named("admitted", latencyMs.admitted),
    ...named("refused", latencyMs.refused),
  ];
}

function formatDistributionRow(of: Distribution): string[] {
  return [
    formatCount(of.count),
    ...[of.min, of.mean, of.p50, of.p90, of.p99, of.max].map(formatMs),
  ];
}

function formatStatuses(result: LoadResult): string {
  const { byStatus, answered } = result;
  const rows = Object.entries(byStatus).map(([status, count]) => [
    status,
    formatCount(count),
    formatPercent(count / answered),
  ]);
  if (rows.length === 0) return "";
  const heads = ["status", "answers", "share"];
  return `${formatStatusPlot(result)}\n${formatHtmlTable({ caption: "Answers by status", heads, rows })}`;
}

function formatFailures({ failuresByReason, total }: LoadResult): string {
  const entries = Object.entries(failuresByReason);
  if (entries.length === 0) return "";
  const rows = entries.map(([reason, { count }]) => [
    reason,
    formatCount(count),
    formatPercent(count / total),
  ]);
  const heads = ["reason", "requests", "share"];
  const examples = entries.map(([reason, { example }]): [string, string] => [
    reason,
    `${REASON_TEXTS[reason as FailureReason] ?? reason}; for example: ${example}`,
  ]);
  return `${formatHtmlTable({ caption: "Requests without an answer", heads, rows })}\n${formatFacts(examples)}`;
}

function formatOddAnswers(result: LoadResult): string {
  const odd = listOddAnswers(result);
  if (odd.length === 0) return "";
  const { count } = result.oddAnswers;
  const words = `${formatCounted(count, "answer")} not as HTTP/1.1 (RFC 9112) requires. They were read anyway, because they can mean nothing else, and count like the others; other clients may refuse them.`;
  const rows = odd.map(([kind, ofKind, text]) => [kind, formatCount(ofKind), text]);
  const heads = ["kind", "answers", "what it is"];
  return `${formatParagraph(words)}\n${formatHtmlTable({ caption: "Odd answers by kind", heads, rows })}`;
}

function formatSources({ sources }: LoadResult): string {
  if (sources.length < 2) return "";
  const rows = sources.map(({ address, admitted, refused, failed, latencyMs }) => [
    address ?? "chosen by the system",
    ...[admitted, refused, failed].map(formatCount),
    ...(latencyMs === undefined ? ["–", "–"] : [formatMs(latencyMs.p50), formatMs(latencyMs.p99)]),
  ]);
  const heads = ["address", "admitted", "refused", "failed", "p50", "p99"];
  return `${formatParagraph("What happened to the requests of each source address.")}\n${formatHtmlTable({ caption: "Results by source address", heads, rows })}`;
}

function formatLimit(result: LoadResult): string {
  const facts = listLimitFacts(result);
  if (facts.length === 0) return "";
  const words =
    "What the server said about its limit, and whether it kept its word: a client that comes back no sooner than it was asked to must be admitted.";
  return `${formatParagraph(words)}\n${formatFacts(facts)}`;
}

function formatPlan(plan: LoadPlan): string {
  const facts: [string, string][] = [
    [plan.urls.length === 1 ? "URL" : "URLs, in turn", listShort(plan.urls)],
    ["method", plan.method],
    [
      "model",
      plan.model.kind === "closed"
        ? "closed: each connection sends when it is answered"
        : "open: by a schedule",
    ],
    ["run", describePlan(plan)],
    ["timeout", formatSeconds(plan.timeoutMs, 1)],
    ["connections are kept", plan.keepAlive ? "yes" : "no"],
    ...(plan.sources.length > 0
      ? ([["source addresses", listShort(plan.sources)]] satisfies [string, string][])
      : []),
    ...(plan.headers.length > 0
      ? ([["header fields", listShort(plan.headers)]] satisfies [string, string][])
      : []),
  ];
  return formatFacts(facts);
}

/** The first ones only: a thousand URLs would bury everything else. */
function listShort(items: readonly string[]): string {
  const shownCountMax = 20;
  const shown = items.slice(0, shownCountMax).join(", ");
  const leftCount = items.length - shownCountMax;
  return leftCount > 0 ? `${shown}, and ${formatCount(leftCount)} more` : shown;
}
