// The four plots: what each draws of the columns, in which colours, and how its numbers read. Plain
// values and pure functions; plot-view.ts draws them.

import { BYTE_INCREMENTS, rangeFromZero, rangeOfBytes, rangeOfDecades } from "./axis-scale.ts";
import type { Column, Columns, Field } from "./column-store.ts";
import { formatBytes, formatLatency, formatRate } from "./number-format.ts";
import type { ColourName } from "./page-look.ts";
import { hideEmptyParts, stackColumns } from "./stack-columns.ts";

export interface PlotSeries {
  readonly field: Field;
  readonly label: string;
  readonly colour: ColourName;
  /** Of the line, in CSS pixels; 0 in a stack, where only areas are drawn. */
  readonly lineWidth: number;
  /** Of the area below the line; none when absent. */
  readonly areaColour?: ColourName;
}

export interface PlotDefinition {
  /** As in `data-plot`. */
  readonly name: string;
  /** In the order of the legend; a stack has the lowest layer first. */
  readonly series: readonly PlotSeries[];
  readonly isStacked: boolean;
  readonly isLogarithmic: boolean;
  /** Of a value in the legend. */
  format(value: number | null): string;
  /** Of a line of the axis. */
  formatAxis(value: number): string;
  /** The ends of the axis for what is in sight. */
  range(smallest: number | null, largest: number | null): [number, number];
  /** The distances that the axis may have between its lines; absent: the plot's own choice. */
  readonly increments?: readonly number[];
}

/** What an axis of latencies can show least, in ms: the clock of the server tells no less. */
const LATENCY_MS_MIN = 0.01;

function layer(field: Field, label: string, colour: ColourName): PlotSeries {
  return { field, label, colour, lineWidth: 0, areaColour: colour };
}

function line(field: Field, label: string, colour: ColourName, lineWidth: number): PlotSeries {
  return { field, label, colour, lineWidth };
}

export const PLOTS: readonly PlotDefinition[] = [
  {
    name: "requests",
    series: [
      layer("succeededPerSecond", "2xx", "succeeded"),
      layer("redirectedPerSecond", "3xx", "redirected"),
      layer("clientErrorsPerSecond", "4xx", "mistaken"),
      layer("refusedPerSecond", "429 refused", "refused"),
      layer("serverErrorsPerSecond", "5xx", "failed"),
    ],
    isStacked: true,
    isLogarithmic: false,
    format: formatRate,
    formatAxis: formatRate,
    range: (_smallest, largest) => rangeFromZero(largest, 10),
  },
  {
    name: "latency",
    // They never cross, and the higher is the stronger: they differ by more than their colour.
    series: [
      line("latencyP50Ms", "p50", "first", 1.25),
      line("latencyP90Ms", "p90", "second", 1.5),
      line("latencyP99Ms", "p99", "third", 1.75),
    ],
    isStacked: false,
    isLogarithmic: true,
    format: formatLatency,
    formatAxis: formatDecade,
    range: (smallest, largest) => rangeOfDecades(smallest, largest, LATENCY_MS_MIN),
  },
  {
    name: "bytes",
    series: [{ ...line("bytesPerSecond", "bytes/s", "first", 1.5), areaColour: "wash" }],
    isStacked: false,
    isLogarithmic: false,
    format: formatBytes,
    formatAxis: formatRoundBytes,
    range: (_smallest, largest) => rangeOfBytes(largest),
    increments: BYTE_INCREMENTS,
  },
  {
    name: "connections",
    series: [
      line("connectionsOpen", "open", "first", 1.5),
      line("requestsInProgress", "in progress", "second", 1.5),
    ],
    isStacked: false,
    isLogarithmic: false,
    format: formatRate,
    formatAxis: formatRate,
    range: (_smallest, largest) => rangeFromZero(largest, 10),
  },
];

/**
 * What is drawn, the first drawn first. Of a stack that is the whole, so that each layer covers the
 * part of it that belongs to those below.
 */
export function orderSeries({ series, isStacked }: PlotDefinition): readonly PlotSeries[] {
  return isStacked ? series.toReversed() : series;
}

/** The columns as they are drawn, in the order of `orderSeries`. */
export function makeDrawnColumns(plot: PlotDefinition, columns: Columns): Column[] {
  const own = plot.series.map(({ field }) => columns[field]);
  if (plot.isStacked) return hideEmptyParts(stackColumns(own), own).toReversed();
  if (plot.isLogarithmic) return own.map(raiseToAxis);
  return own;
}

/** A logarithm has no zero: what is below the axis lies on it. */
function raiseToAxis(column: Column): Column {
  return column.map((value) => (value === null ? null : Math.max(value, LATENCY_MS_MIN)));
}

/** `0.01`, `1`, `100` ms and `1 s`: only whole decades carry a text. */
function formatDecade(ms: number): string {
  if (ms >= 1000) return `${formatRate(ms / 1000)} s`;
  return `${Number(ms.toPrecision(1))} ms`;
}

function formatRoundBytes(bytes: number): string {
  const text = formatBytes(bytes);
  return text.replace(/\.0+(?= )/, "").replace(/(\.\d*?)0+(?= )/, "$1");
}
