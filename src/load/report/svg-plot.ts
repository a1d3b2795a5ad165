// Plots as SVG, each with a legend before it: lines over two axes, and horizontal bars. Pure.
//
// A plot is as wide as its container, and its letters are as large as all others at any width: the SVG
// has no viewBox, so its unit is a pixel, and positions along the width are percentages. The padding
// leaves room for the texts next to the drawing (page-style.ts).

import { escapeHtml } from "../../http/page-text.ts";
import type { Scale } from "./scale.ts";

/** What a line or a bar stands for; page-style.ts has its colours. */
export type Tone = "admitted" | "refused" | "failed" | "due" | "first" | "second" | "third";

interface PlotText {
  /** Unique on the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What the plot shows, for people who cannot see it. */
  readonly description: string;
}

/** `kind` is the class that sets the padding; `height` is the height of the drawing in pixels. */
function formatPlotSvg(text: PlotText, kind: string, height: number, content: string): string {
  const { id, title, description } = text;
  return `<svg class="plot ${kind}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${escapeHtml(title)}</title>
<desc id="${id}-text">${escapeHtml(description)}</desc>
${content}
</svg>`;
}

/** A place on an axis, from 0 to 1. */
function formatPercentage(at: number): string {
  return `${formatNumber(at * 100)}%`;
}

/** Two digits are exact to a hundredth of a pixel. */
function formatNumber(value: number): string {
  return String(Number(value.toFixed(2)));
}

export interface LegendEntry {
  readonly name: string;
  readonly tone: Tone;
}

/** The legend of a plot, as a list before it; nothing if there is only one entry. */
function formatLegend(entries: readonly LegendEntry[], kind: "lines" | "bars"): string {
  if (entries.length < 2) return "";
  const items = entries.map(
    ({ name, tone }) =>
      `<li><svg class="swatch ${tone}" width="22" height="8" aria-hidden="true"><path d="M0 4h22"/></svg>${escapeHtml(name)}</li>`,
  );
  return `<ul class="legend ${kind}">${items.join("")}</ul>\n`;
}

/** A point without `y` is a gap in the line. */
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
  /** Each point has a dot, for lines with few points. */
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

const HEIGHT_PX = 200;
/** The width of the inner drawing, which is stretched to the real width; the width of lines stays. */
const INNER_WIDTH = 1000;

/** Lines over two axes. */
export function formatLinePlot(plot: LinePlot): string {
  const drawing = [
    ...plot.y.scale.ticks.map(({ value, at }) => formatRow(plot.y.format(value), at)),
    ...plot.x.scale.ticks.map(({ value, at }) => formatColumn(plot.x.format(value), at)),
    `<text class="axis" x="-52" y="-14">${escapeHtml(plot.y.label)}</text>`,
    `<text class="axis" x="100%" y="${HEIGHT_PX + 36}" text-anchor="end">${escapeHtml(plot.x.label)}</text>`,
    `<svg class="lines" viewBox="0 0 ${INNER_WIDTH} ${HEIGHT_PX}" preserveAspectRatio="none" width="100%" height="${HEIGHT_PX}">`,
    ...plot.lines.map((line) => formatLine(line, plot)),
    "</svg>",
  ];
  return `${formatLegend(plot.lines, "lines")}${formatPlotSvg(plot, "line-plot", HEIGHT_PX, drawing.join("\n"))}`;
}

/** The value stays the same from one `x` to the next, because it belongs to an interval. */
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
  const y = formatNumber((1 - at) * HEIGHT_PX);
  return `<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/><text x="-8" y="${y}" dy=".35em" text-anchor="end">${escapeHtml(text)}</text>`;
}

function formatColumn(text: string, at: number): string {
  const x = formatPercentage(at);
  return `<line class="tick" x1="${x}" x2="${x}" y1="${HEIGHT_PX}" y2="${HEIGHT_PX + 5}"/><text x="${x}" y="${HEIGHT_PX + 18}" text-anchor="middle">${escapeHtml(text)}</text>`;
}

function formatLine({ tone, points, isFilled, hasDots }: Line, { x, y }: LinePlot): string {
  const stretches = splitAtGaps(points).map((stretch) =>
    stretch.map((point) => {
      const left = formatNumber(x.scale.place(point.x) * INNER_WIDTH);
      return { left, top: formatNumber((1 - y.scale.place(point.y)) * HEIGHT_PX) };
    }),
  );
  const draw = (stretch: readonly Place[]): string =>
    // A line of one point has no length; its round ends draw a dot.
    `M${stretch.map(({ left, top }) => `${left} ${top}`).join("L")}${stretch.length === 1 ? "h0" : ""}`;
  const path = (kind: string, data: string): string =>
    data === "" ? "" : `<path class="${kind} ${tone}" d="${data}"/>`;
  const area = stretches.map((stretch) => `${draw(stretch)}V${HEIGHT_PX}H${stretch[0]!.left}Z`);
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

export interface BarPart {
  readonly tone: Tone;
  readonly value: number;
}

export interface Bar {
  readonly name: string;
  /** The figure as text. */
  readonly text: string;
  readonly parts: readonly BarPart[];
  /** What the whole width stands for, if this bar has a whole of its own. */
  readonly whole?: number;
}

export interface BarPlot extends PlotText {
  readonly bars: readonly Bar[];
  /** What the parts stand for; absent if each bar has one part. */
  readonly legend?: readonly LegendEntry[];
}

const ROW_PX = 44;
const BAR_PX = 14;

/** Horizontal bars, each with its name and its figure above. Without `whole` the longest takes the full width. */
export function formatBarPlot(plot: BarPlot): string {
  const { bars, legend = [] } = plot;
  const longest = Math.max(0, ...bars.map(sumOf));
  const rows = bars.map((bar, index) => formatBar(bar, index * ROW_PX, bar.whole ?? longest));
  const svg = formatPlotSvg(plot, "bar-plot", bars.length * ROW_PX, rows.join("\n"));
  return `${formatLegend(legend, "bars")}${svg}`;
}

function formatBar({ name, text, parts }: Bar, top: number, whole: number): string {
  const pieces: string[] = [];
  let before = 0;
  for (const { tone, value } of parts) {
    if (value > 0 && whole > 0) {
      const [x, width] = [formatPercentage(before / whole), formatPercentage(value / whole)];
      pieces.push(
        `<rect class="${tone}" x="${x}" y="${top + 20}" width="${width}" height="${BAR_PX}"/>`,
      );
    }
    before += value;
  }
  return [
    `<text x="0" y="${top + 13}">${escapeHtml(name)}</text>`,
    `<text class="figure" x="100%" y="${top + 13}" text-anchor="end">${escapeHtml(text)}</text>`,
    `<rect class="track" x="0" y="${top + 20}" width="100%" height="${BAR_PX}"/>`,
    ...pieces,
  ].join("");
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
