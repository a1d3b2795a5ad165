// The plots of a load run, each with the table of its figures. Pure. Used by html.ts.

import {
  formatCount,
  formatMs,
  formatPercent,
  formatRate,
  formatShort,
} from "../../base/figure-text.ts";
import type { LatencySummary, LoadResult } from "../result.ts";
import { formatHtmlTable } from "./page.ts";
import {
  chooseTimeUnit,
  formatTick,
  formatTickMs,
  formatTickPercent,
  makeLinearScale,
  makeLogScale,
  makeSpanScale,
} from "./scale.ts";
import { chooseBinEdges, countBins, type Interval, listIntervals } from "./series.ts";
import {
  type Axis,
  formatBarPlot,
  formatLinePlot,
  type Line,
  type Point,
  stepPoints,
  type Tone,
} from "./svg-plot.ts";

/** Each interval has two pixels on the widest page. */
const INTERVAL_COUNT_MAX = 400;
const BIN_COUNT_MAX = 60;
/** A value this many times smaller than the others cannot be read in the same plot. */
const CROWDED_FACTOR = 5;
/** Up to this many points are marked one by one. */
const DOTTED_COUNT_MAX = 30;

const RATE_CLASSES = ["admitted", "refused", "failed"] as const;

/** The requests that were due during the run, and what became of them. Empty if there are no seconds. */
export function formatRatePlot(result: LoadResult): string {
  const intervals = listIntervals(result, INTERVAL_COUNT_MAX);
  if (intervals.length === 0) return "";
  const isOpen = result.plan.model.kind === "open";
  const shown = [
    ...RATE_CLASSES.filter((name) => name === "admitted" || result[name] > 0),
    ...(isOpen ? (["due"] as const) : []),
  ];
  const plot = drawRates({ id: "rate-plot", title: "Requests a second over time" }, shown, result);
  const rows = intervals.map((of) => [
    formatFrom(of),
    ...shown.map((name) => formatShort(of[name])),
  ]);
  return `${plot}\n${formatAdmittedPlot(result, intervals)}${formatHtmlTable({
    caption: "Requests a second over time",
    heads: ["from", ...shown.map((name) => `${name}/s`)],
    rows,
  })}`;
}

/** Only the admitted requests, if refusals are so many that their line would lie on the axis. */
function formatAdmittedPlot(result: LoadResult, intervals: readonly Interval[]): string {
  const most = (read: (of: Interval) => number): number => Math.max(...intervals.map(read));
  const others = Math.max(
    most(({ refused }) => refused),
    most(({ failed }) => failed),
  );
  if (others < CROWDED_FACTOR * most(({ admitted }) => admitted) || result.admitted === 0)
    return "";
  const text = { id: "admitted-plot", title: "Admitted requests a second over time" };
  return `<h3>Admitted alone</h3>\n${drawRates(text, ["admitted"], result)}\n`;
}

type RateName = (typeof RATE_CLASSES)[number] | "due";

function drawRates(
  text: { readonly id: string; readonly title: string },
  shown: readonly RateName[],
  result: LoadResult,
): string {
  const intervals = listIntervals(result, INTERVAL_COUNT_MAX);
  const rateMax = Math.max(0, ...intervals.flatMap((of) => shown.map((name) => of[name])));
  const lines = shown.map((name): Line => {
    const points = intervals.map((of) => ({ from: of.fromMs, to: of.toMs, value: of[name] }));
    return { name, tone: name, points: stepPoints(points), isFilled: name === "admitted" };
  });
  return formatLinePlot({
    ...text,
    description: `${shown.map((name) => describeRates(name, intervals)).join(" ")} The table below holds all values.`,
    x: makeTimeAxis(result),
    y: { scale: makeLinearScale(rateMax, 5), label: "requests a second", format: formatTick },
    lines,
  });
}

function describeRates(name: RateName, intervals: readonly Interval[]): string {
  const rates = intervals.map((of) => of[name]);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return `${name}: between ${formatRate(low)} and ${formatRate(high)}.`;
}

/** Median and p99 of each second, on a logarithmic scale. Empty without an answer. */
export function formatLatencyPlot(result: LoadResult): string {
  const intervals = listIntervals(result, INTERVAL_COUNT_MAX);
  const values = intervals.flatMap(({ p50Ms, p99Ms }) => [p50Ms ?? [], p99Ms ?? []].flat());
  if (values.length === 0) return "";
  const makeLine = (
    name: string,
    tone: Tone,
    read: (of: Interval) => number | undefined,
  ): Line => ({
    name,
    tone,
    // The value belongs to the interval, so the point is in its middle.
    points: intervals.map((of) => ({ x: (of.fromMs + of.toMs) / 2, y: read(of) })),
    hasDots: intervals.length <= DOTTED_COUNT_MAX,
  });
  const plot = formatLinePlot({
    id: "latency-plot",
    title: "Latency over time",
    description: `Median and 99th percentile of the answers of each second, from ${formatMs(Math.min(...values))} to ${formatMs(Math.max(...values))}, on a logarithmic scale. The table below holds all values.`,
    x: makeTimeAxis(result),
    y: {
      scale: makeLogScale(Math.min(...values), Math.max(...values), 6),
      label: "from sending, logarithmic",
      format: formatTickMs,
    },
    lines: [
      makeLine("p50", "first", ({ p50Ms }) => p50Ms),
      makeLine("p99", "second", ({ p99Ms }) => p99Ms),
    ],
  });
  const formatOptional = (ms: number | undefined): string =>
    ms === undefined ? "–" : formatMs(ms);
  const rows = intervals.map((of) => [
    formatFrom(of),
    formatOptional(of.p50Ms),
    formatOptional(of.p99Ms),
  ]);
  return `${plot}\n${formatHtmlTable({ caption: "Latency over time", heads: ["from", "p50", "p99"], rows })}`;
}

function makeTimeAxis({ durationMs }: LoadResult): Axis {
  const unit = chooseTimeUnit(durationMs);
  const { place, ticks } = makeSpanScale(durationMs / unit.ms, 6);
  return {
    scale: { place: (ms) => place(ms / unit.ms), ticks },
    label: unit.name,
    format: formatTick,
  };
}

function formatFrom({ fromMs }: Interval): string {
  return `${formatCount(fromMs / 1000)} s`;
}

export interface NamedSummary {
  readonly name: string;
  readonly summary: LatencySummary;
}

/** What share of the answers took how long, in bins of equal width on a logarithmic scale. */
export function formatDistributionPlot(series: readonly NamedSummary[]): string {
  const edges = chooseBinEdges(
    series.map(({ summary }) => summary),
    BIN_COUNT_MAX,
  );
  if (edges.length === 0) return "";
  const shares = series.map(({ summary }) =>
    countBins(summary, edges).map((count) => (count * 100) / summary.count),
  );
  const tones: readonly Tone[] = ["first", "second", "third"];
  const lines = series.map(({ name }, index): Line => {
    return {
      name,
      tone: tones[index % tones.length]!,
      points: outline(edges, shares[index]!),
      isFilled: index === 0,
    };
  });
  const described = series.map(
    ({ name, summary }) =>
      `${name}: median ${formatMs(summary.p50)}, 99 of 100 within ${formatMs(summary.p99)}, the longest ${formatMs(summary.max)}.`,
  );
  const plot = formatLinePlot({
    id: "distribution-plot",
    title: "Distribution of the latency",
    description: described.join(" "),
    x: {
      scale: makeLogScale(edges[0]!, edges.at(-1)!, 5),
      label: "latency, logarithmic",
      format: formatTickMs,
    },
    y: {
      scale: makeLinearScale(Math.max(...shares.flat()), 4),
      label: "share of the answers",
      format: formatTickPercent,
    },
    lines,
  });
  const rows = edges.slice(0, -1).flatMap((edge, index) => {
    const row = shares.map((bins) => bins[index]!);
    const name = `${formatMs(edge)} to ${formatMs(edges[index + 1]!)}`;
    return row.some((share) => share > 0)
      ? [[name, ...row.map((share) => formatPercent(share / 100))]]
      : [];
  });
  const heads = ["latency", ...series.map(({ name }) => name)];
  return `${plot}\n${formatHtmlTable({ caption: "Shares of the answers by latency", heads, rows })}`;
}

/** The bins as one line that begins and ends on the axis. */
function outline(edges: readonly number[], shares: readonly number[]): Point[] {
  const bins = shares.map((value, index) => {
    return { from: edges[index]!, to: edges[index + 1]!, value };
  });
  return [{ x: edges[0]!, y: 0 }, ...stepPoints(bins), { x: edges.at(-1)!, y: 0 }];
}

/** Complete answers by status. */
export function formatStatusPlot({ byStatus, answered }: LoadResult): string {
  const entries = Object.entries(byStatus);
  return formatBarPlot({
    id: "status-plot",
    title: "Answers by status",
    description: entries.map(([status, count]) => `${status}: ${formatCount(count)}.`).join(" "),
    bars: entries.map(([status, count]) => ({
      name: status,
      text: `${formatCount(count)}, ${formatPercent(count / answered)}`,
      parts: [{ tone: toneOf(status), value: count }],
    })),
  });
}

function toneOf(status: string): Tone {
  if (/^[23]/.test(status)) return "admitted";
  return status === "429" ? "refused" : "failed";
}
