// The four plots: which columns each draws, in which colours, and how its numbers are written. Plain values
// and pure functions; plot-view.ts draws them.

import { BYTE_INCREMENTS, rangeFromZero, rangeOfBytes, rangeOfDecades } from "./axis-scale.ts";
import type { Column, Columns, Field } from "./column-store.ts";
import { formatBytes, formatLatency, formatRate } from "./number-format.ts";
import type { ColourName } from "./page-look.ts";
import { hideEmptyParts, stackColumns } from "./stack-columns.ts";

export interface PlotSeries {
  readonly field: Field;
  readonly label: string;
  readonly colour: ColourName;
  /** The width of the line in CSS pixels; 0 in a stack, which draws only areas. */
  readonly lineWidth: number;
  /** The colour of the area below the line; absent if there is no area. */
  readonly areaColour?: ColourName;
}

export interface PlotDefinition {
  /** The value of `data-plot` in index.html. */
  readonly name: string;
  /** In the order of the legend; a stack has the lowest layer first. */
  readonly series: readonly PlotSeries[];
  readonly isStacked: boolean;
  readonly isLogarithmic: boolean;
  /** Formats a value in the legend. */
  format(value: number | null): string;
  /** Formats the number at a line of the axis. */
  formatAxis(value: number): string;
  /** The ends of the axis, from the values in sight. */
  range(smallest: number | null, largest: number | null): [number, number];
  /** The distances that the lines of the axis may have; absent if uPlot chooses. */
  readonly increments?: readonly number[];
}

/** The lowest end of an axis of latencies, in ms: the server's clock is no finer. */
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
    // The lines never cross, and the higher one is thicker, so they differ by more than their colour.
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
 * The series in the order of drawing. A stack begins with the sum of all, so that each layer covers the part
 * that belongs to the layers below.
 */
export function orderSeries({ series, isStacked }: PlotDefinition): readonly PlotSeries[] {
  return isStacked ? series.toReversed() : series;
}

/** The columns to draw, in the order of `orderSeries`. */
export function makeDrawnColumns(plot: PlotDefinition, columns: Columns): Column[] {
  const own = plot.series.map(({ field }) => columns[field]);
  if (plot.isStacked) return hideEmptyParts(stackColumns(own), own).toReversed();
  if (plot.isLogarithmic) return own.map(raiseToAxis);
  return own;
}

/** There is no logarithm of zero, so a value below the axis is drawn on it. */
function raiseToAxis(column: Column): Column {
  return column.map((value) => (value === null ? null : Math.max(value, LATENCY_MS_MIN)));
}

/** `0.01`, `1`, `100` ms and `1 s`: only whole powers of ten have a text. */
function formatDecade(ms: number): string {
  if (ms >= 1000) return `${formatRate(ms / 1000)} s`;
  return `${Number(ms.toPrecision(1))} ms`;
}

function formatRoundBytes(bytes: number): string {
  const text = formatBytes(bytes);
  return text.replace(/\.0+(?= )/, "").replace(/(\.\d*?)0+(?= )/, "$1");
}
