// The plots of the lab, each with the table of its figures. Pure. Used by html.ts.

import {
  formatCount,
  formatPercent,
  formatRate,
  formatSeconds,
  formatShort,
} from "../../base/figure-text.ts";
import { formatHtmlTable } from "../../load/report/page.ts";
import { formatTick, formatTickPercent, makeLinearScale } from "../../load/report/scale.ts";
import {
  formatBarPlot,
  formatLinePlot,
  type LegendEntry,
  type Line,
} from "../../load/report/svg-plot.ts";
import type {
  ConcurrencyResult,
  ContestClient,
  CounterResult,
  FormRun,
  LimitCounts,
  LimitResult,
} from "../result.ts";
import { listRaceRows, listSeries, pairForms, sortRuns } from "./tables.ts";

/** Seconds until all are answered, by the number of requests. */
export function formatFormPlot({ forms }: ConcurrencyResult): string {
  const pairs = pairForms(forms);
  const last = pairs.at(-1)!;
  const plot = formatLinePlot({
    id: "form-plot",
    title: "Time until all requests are answered",
    description: `With ${last.serial.requests} requests at once ${formatSeconds(last.serial.totalMs)} one at a time, and ${formatSeconds(last.concurrent.totalMs)} concurrently.`,
    x: makeRequestAxis(last.serial.requests),
    y: {
      scale: makeLinearScale(Math.max(...forms.map(({ totalMs }) => totalMs)) / 1000, 5),
      label: "seconds until all are answered",
      format: formatTick,
    },
    lines: [
      ...listFormLines(forms, ({ totalMs }) => totalMs / 1000),
      {
        name: "theory",
        tone: "due",
        points: pairs.map(({ serial }) => ({ x: serial.requests, y: serial.theoryMs / 1000 })),
      },
    ],
  });
  const rows = pairs.map(({ serial, concurrent }) => [
    String(serial.requests),
    ...[serial, concurrent].flatMap((run) => [
      formatSeconds(run.totalMs),
      formatSeconds(run.theoryMs, 1),
    ]),
    `${(serial.totalMs / concurrent.totalMs).toFixed(1)} ×`,
  ]);
  const heads = ["requests", "one at a time", "theory", "concurrent", "theory", "faster"];
  return `${plot}\n${formatHtmlTable({ caption: "Time until all requests are answered", heads, rows })}`;
}

/** Successful requests a second, by the number of requests. */
export function formatThroughputPlot({ forms }: ConcurrencyResult): string {
  const pairs = pairForms(forms);
  const last = pairs.at(-1)!;
  const plot = formatLinePlot({
    id: "throughput-plot",
    title: "Successful requests a second",
    description: `With ${last.serial.requests} requests at once ${formatRate(last.serial.successfulPerSecond)} one at a time, and ${formatRate(last.concurrent.successfulPerSecond)} concurrently.`,
    x: makeRequestAxis(last.serial.requests),
    y: {
      scale: makeLinearScale(Math.max(...forms.map((run) => run.successfulPerSecond)), 5),
      label: "successful requests a second",
      format: formatTick,
    },
    lines: listFormLines(forms, ({ successfulPerSecond }) => successfulPerSecond),
  });
  const rows = pairs.map(({ serial, concurrent }) => [
    String(serial.requests),
    ...[serial, concurrent].flatMap((run) => [
      formatCount(run.successful),
      formatRate(run.successfulPerSecond),
    ]),
  ]);
  const heads = [
    "requests",
    "one at a time: successful",
    "a second",
    "concurrent: successful",
    "a second",
  ];
  return `${plot}\n${formatHtmlTable({ caption: "Successful requests a second", heads, rows })}`;
}

function makeRequestAxis(requestsMax: number) {
  return {
    scale: makeLinearScale(requestsMax, 5),
    label: "requests at once",
    format: formatTick,
  };
}

function listFormLines(forms: readonly FormRun[], read: (run: FormRun) => number): Line[] {
  const line = (name: FormRun["form"], tone: "first" | "second"): Line => ({
    name,
    tone,
    points: forms
      .filter(({ form }) => form === name)
      .map((run) => ({ x: run.requests, y: read(run) })),
    hasDots: true,
  });
  return [line("one at a time", "second"), line("concurrent", "first")];
}

/** What share of the additions was lost, by the number of threads. */
export function formatCounterPlot({ runs, connections }: CounterResult): string {
  const { races, hits } = sortRuns(runs);
  const share = ({ lost, additions }: { lost: number; additions: number }) =>
    (lost * 100) / additions;
  const described = races.map(
    ({ plain }) => `${plain.threads} threads: ${formatPercent(plain.lost / plain.additions)} lost.`,
  );
  const plot = formatLinePlot({
    id: "counter-plot",
    title: "Share of the additions that were lost",
    description: `Plain read and write, ${described.join(" ")} Atomic addition: nothing is lost with any number of threads.`,
    x: {
      scale: makeLinearScale(Math.max(...races.map(({ plain }) => plain.threads)), 8),
      label: "threads",
      format: formatTick,
    },
    y: {
      scale: makeLinearScale(Math.max(10, ...races.map(({ plain }) => share(plain))), 5),
      label: "additions lost",
      format: formatTickPercent,
    },
    lines: [
      {
        name: "plain read and write",
        tone: "failed",
        points: races.map(({ plain }) => ({ x: plain.threads, y: share(plain) })),
        hasDots: true,
      },
      {
        name: "atomic addition",
        tone: "first",
        points: races.map(({ atomic }) => ({ x: atomic.threads, y: share(atomic) })),
        hasDots: true,
      },
    ],
  });
  const rows = listRaceRows(races);
  const heads = ["threads", "additions", "plain: lost", "plain: share", "atomic: lost"];
  const race = formatHtmlTable({ caption: "Additions that were lost", heads, rows });
  const hitTable = formatHtmlTable({
    caption: "Hits counted by weir",
    heads: ["", "connections", "server threads", "requests", "counted", "lost"],
    rows: [
      [
        hits.form,
        ...[connections, hits.threads, hits.additions, hits.counted, hits.lost].map(formatCount),
      ],
    ],
  });
  return `${plot}\n${race}\n${hitTable}`;
}

const LIMIT_LEGEND: readonly LegendEntry[] = [
  { name: "admitted", tone: "admitted" },
  { name: "refused", tone: "refused" },
];

/** One client's series, one bar each: what share of it was admitted. */
export function formatSeriesPlot(result: LimitResult): string {
  const series = listSeries(result);
  const plot = formatBarPlot({
    id: "series-plot",
    title: "One client: admitted and refused",
    description: series
      .map(({ name, series: of }) => `${name}: ${of.admitted} of ${of.sent} admitted.`)
      .join(" "),
    legend: LIMIT_LEGEND,
    bars: series.map(({ name, series: of }) => ({
      name,
      text: `${of.admitted} of ${of.sent} admitted`,
      whole: of.sent,
      parts: partsOf(of),
    })),
  });
  const rows = series.map(({ name, series: of }) => [
    name,
    ...[of.sent, of.admitted, of.theoryAdmitted, of.refused, of.failed].map(formatCount),
    ...[of.admitted, of.refused].map((count) => formatPerSecond(count, of.durationMs)),
    formatSeconds(of.durationMs),
  ]);
  const heads = [
    ...["requests", "sent", "admitted", "theory", "refused", "failed"],
    ...["admitted/s", "refused/s", "total time"],
  ];
  return `${plot}\n${formatHtmlTable({ caption: "One client: admitted and refused", heads, rows })}`;
}

/** The clients that run at the same time, one bar each. */
export function formatContestPlot(clients: readonly ContestClient[]): string {
  const plot = formatBarPlot({
    id: "contest-plot",
    title: "Two clients at once: admitted and refused",
    description: clients
      .map(
        (client) =>
          `${client.role}: ${formatRate(client.admittedPerSecond)} admitted, ${formatRate(client.refusedPerSecond)} refused.`,
      )
      .join(" "),
    legend: LIMIT_LEGEND,
    bars: clients.map((client) => ({
      name: client.role,
      text: `${formatShort(client.admittedPerSecond)} of ${formatRate(client.admittedPerSecond + client.refusedPerSecond)} admitted`,
      whole: client.sent,
      parts: partsOf(client),
    })),
  });
  const rows = clients.map((client) => [
    client.role,
    client.address,
    ...[client.sent, client.admitted, client.refused, client.failed].map(formatCount),
    ...[client.admittedPerSecond, client.refusedPerSecond].map(formatShort),
    formatCount(client.admittedWithinWindowMax),
  ]);
  const heads = [
    ...["client", "address", "sent", "admitted", "refused", "failed"],
    ...["admitted/s", "refused/s", "most in 1 s"],
  ];
  return `${plot}\n${formatHtmlTable({ caption: "Two clients at once: admitted and refused", heads, rows })}`;
}

function partsOf({ admitted, refused }: LimitCounts) {
  return [
    { tone: "admitted", value: admitted },
    { tone: "refused", value: refused },
  ] as const;
}

function formatPerSecond(count: number, durationMs: number): string {
  return formatShort(durationMs > 0 ? (count * 1000) / durationMs : 0);
}
