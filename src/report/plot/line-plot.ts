// A plot of lines over two axes, as SVG with a legend before it. Pure.

import { escapeHtml } from "../../http/page-text.ts";
import {
  formatLegend,
  formatNumber,
  formatPercentage,
  formatPlotSvg,
  type PlotText,
  type Tone,
} from "./plot-parts.ts";
import type { Scale } from "./scale.ts";

/** Without a `y` there is a gap in the line. */
export interface Point {
  readonly x: number;
  readonly y: number | undefined;
}

export interface Line {
  readonly name: string;
  readonly tone: Tone;
  readonly points: readonly Point[];
  /** The area below the line is filled. */
  readonly isFilled?: boolean;
  /** Each point has a dot: where there are few, far apart. */
  readonly hasDots?: boolean;
}

export interface Axis {
  readonly scale: Scale;
  /** With the unit: `requests a second`. */
  readonly label: string;
  readonly format: (value: number) => string;
}

export interface LinePlot extends PlotText {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

const heightPx = 200;
/** Of the inner drawing, which is stretched to the width; lines keep their own. */
const innerWidth = 1000;

export function formatLinePlot(plot: LinePlot): string {
  const drawing = [
    ...plot.y.scale.ticks.map(({ value, at }) => formatRow(plot.y.format(value), at)),
    ...plot.x.scale.ticks.map(({ value, at }) => formatColumn(plot.x.format(value), at)),
    `<text class="axis" x="-52" y="-14">${escapeHtml(plot.y.label)}</text>`,
    `<text class="axis" x="100%" y="${heightPx + 36}" text-anchor="end">${escapeHtml(plot.x.label)}</text>`,
    `<svg class="lines" viewBox="0 0 ${innerWidth} ${heightPx}" preserveAspectRatio="none" width="100%" height="${heightPx}">`,
    ...plot.lines.map((line) => formatLine(line, plot)),
    "</svg>",
  ];
  return `${formatLegend(plot.lines, "lines")}${formatPlotSvg(plot, "line-plot", heightPx, drawing.join("\n"))}`;
}

/** From one `x` to the next the value is the same: the sums of intervals, not of moments. */
export function stepPoints(
  intervals: readonly {
    readonly from: number;
    readonly to: number;
    readonly value: number | undefined;
  }[],
): Point[] {
  return intervals.flatMap(({ from, to, value }) => [
    { x: from, y: value },
    { x: to, y: value },
  ]);
}

function formatRow(text: string, at: number): string {
  const y = formatNumber((1 - at) * heightPx);
  return `<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/><text x="-8" y="${y}" dy=".35em" text-anchor="end">${escapeHtml(text)}</text>`;
}

function formatColumn(text: string, at: number): string {
  const x = formatPercentage(at);
  return `<line class="tick" x1="${x}" x2="${x}" y1="${heightPx}" y2="${heightPx + 5}"/><text x="${x}" y="${heightPx + 18}" text-anchor="middle">${escapeHtml(text)}</text>`;
}

function formatLine({ tone, points, isFilled, hasDots }: Line, { x, y }: LinePlot): string {
  const stretches = splitAtGaps(points).map((stretch) =>
    stretch.map((point) => {
      const left = formatNumber(x.scale.place(point.x) * innerWidth);
      return { left, top: formatNumber((1 - y.scale.place(point.y)) * heightPx) };
    }),
  );
  const draw = (stretch: readonly Place[]): string =>
    // A line of one point has no length, and is drawn as the dot that its round ends make.
    `M${stretch.map(({ left, top }) => `${left} ${top}`).join("L")}${stretch.length === 1 ? "h0" : ""}`;
  const path = (kind: string, data: string): string =>
    data === "" ? "" : `<path class="${kind} ${tone}" d="${data}"/>`;
  const area = stretches.map((stretch) => `${draw(stretch)}V${heightPx}H${stretch[0]!.left}Z`);
  const dots = stretches.flat().map((place) => draw([place]));
  return [
    isFilled ? path("area", area.join("")) : "",
    path("line", stretches.map(draw).join("")),
    hasDots ? path("dot", dots.join("")) : "",
  ].join("");
}

interface Place {
  readonly left: string;
  readonly top: string;
}

function splitAtGaps(points: readonly Point[]): { x: number; y: number }[][] {
  const stretches: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === undefined) stretches.push([]);
    else stretches.at(-1)!.push({ x, y });
  }
  return stretches.filter((stretch) => stretch.length > 0);
}
