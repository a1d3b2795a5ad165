// The options of uPlot for one plot: scales, axes, cursor. Called by plot-view.ts. It touches no element.

import type uPlot from "uplot";
import { formatTimeOfDay } from "./number-format.ts";
import type { ColourName } from "./page-look.ts";
import { orderSeries, type PlotDefinition, type PlotSeries } from "./plot-list.ts";
import { findLonelyPoints } from "./stack-columns.ts";

export interface PlotContext {
  /** The current colours: the scheme may change while the page is open. */
  colourOf(name: ColourName): string;
  /** The period to show, in ms since 1970. */
  timeRange(): [number, number];
  onCursor(plot: uPlot): void;
}

/** All plots show the same second at once. */
const CURSOR_GROUP = "weir";

/** Room for the longest number, the same in all plots, so that they line up by time. */
const AXIS_WIDTH_PX = 62;
const AXIS_HEIGHT_PX = 26;

/** The distances that the times below a plot may have, with two minutes, which uPlot itself leaves out. */
const TIME_INCREMENTS_MS: readonly number[] = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600,
].map((seconds) => seconds * 1000);
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

export function makePlotOptions(definition: PlotDefinition, context: PlotContext): uPlot.Options {
  return {
    // Used until the real size is known.
    width: 300,
    height: 150,
    ms: 1,
    padding: [8, 8, 0, 0],
    // The lines of the axes stay visible on the areas of a stack.
    drawOrder: definition.isStacked
      ? (["series", "axes"] as uPlot.DrawOrderKey[])
      : (["axes", "series"] as uPlot.DrawOrderKey[]),
    legend: { show: false },
    cursor: makeCursor(definition),
    scales: makeScales(definition, context),
    axes: [makeTimeAxis(context), makeValueAxis(definition, context)],
    series: [{}, ...orderSeries(definition).map((series) => makeSeries(series, context))],
    hooks: { setCursor: [(plot) => context.onCursor(plot)] },
  };
}

function makeCursor(definition: PlotDefinition): uPlot.Cursor {
  return {
    y: false,
    drag: { x: false, y: false },
    sync: { key: CURSOR_GROUP, scales: ["x", null] },
    // In a stack a point would be at a sum, and not at its own value.
    points: definition.isStacked ? { show: false } : { size: 7, width: 0 },
  };
}

function makeScales(definition: PlotDefinition, context: PlotContext): uPlot.Scales {
  return {
    x: { range: () => context.timeRange() },
    y: {
      distr: definition.isLogarithmic ? 3 : 1,
      range: (_plot, smallest, largest) => definition.range(smallest, largest),
    },
  };
}

function makeTimeAxis({ colourOf }: PlotContext): uPlot.Axis {
  return {
    font: FONT,
    size: AXIS_HEIGHT_PX,
    gap: 6,
    space: 64,
    incrs: [...TIME_INCREMENTS_MS],
    stroke: () => colourOf("quiet"),
    grid: { show: false },
    ticks: { stroke: () => colourOf("line"), width: 1, size: 4 },
    border: { show: true, stroke: () => colourOf("line"), width: 1 },
    values: (_plot, splits, _axisIndex, _space, incrementMs) =>
      splits.map((timeMs) => formatTimeOfDay(timeMs, incrementMs < 60_000)),
  };
}

function makeValueAxis(definition: PlotDefinition, { colourOf }: PlotContext): uPlot.Axis {
  return {
    font: FONT,
    size: AXIS_WIDTH_PX,
    gap: 8,
    space: 32,
    stroke: () => colourOf("quiet"),
    grid: {
      stroke: () => colourOf("line"),
      width: 1,
      ...(definition.isLogarithmic ? { filter: keepDecades } : {}),
    },
    ticks: { show: false },
    ...(definition.increments === undefined ? {} : { incrs: [...definition.increments] }),
    values: (_plot, splits) =>
      splits.map((value) => (value === null ? null : definition.formatAxis(value))),
  };
}

/** The lines between the decades would crowd the plot. */
function keepDecades(_plot: uPlot, splits: number[]): (number | null)[] {
  return splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null));
}

function makeSeries(series: PlotSeries, { colourOf }: PlotContext): uPlot.Series {
  const { areaColour, colour, lineWidth } = series;
  return {
    stroke: () => colourOf(colour),
    ...(areaColour === undefined ? {} : { fill: () => colourOf(areaColour) }),
    width: lineWidth,
    points: {
      show: false,
      filter: (plot, seriesIndex) => findSeenPoints(plot, seriesIndex),
      size: 4,
      fill: () => colourOf(colour),
    },
  };
}

/** Draws single seconds between gaps, which a line would not show. */
function findSeenPoints(plot: uPlot, seriesIndex: number): number[] | null {
  const column = plot.data[seriesIndex] as (number | null)[];
  const points = findLonelyPoints(column);
  return points.length === 0 ? null : points;
}
