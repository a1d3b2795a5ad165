// A plot of horizontal bars, one below the other, each with its name and its figure above it. A bar
// may consist of parts. As SVG with a legend before it. Pure.

import { escapeHtml } from "../../http/page-text.ts";
import {
  formatLegend,
  formatPercentage,
  formatPlotSvg,
  type LegendEntry,
  type PlotText,
  type Tone,
} from "./plot-parts.ts";

export interface BarPart {
  readonly tone: Tone;
  readonly value: number;
}

export interface Bar {
  readonly name: string;
  /** The figure as text. */
  readonly text: string;
  readonly parts: readonly BarPart[];
  /** What the whole width stands for, where that is the bar's own. */
  readonly whole?: number;
}

export interface BarPlot extends PlotText {
  readonly bars: readonly Bar[];
  /** What the parts stand for; nothing where the bars have one part each. */
  readonly legend?: readonly LegendEntry[];
}

const rowPx = 44;
const barPx = 14;

/** The longest bar takes the whole width, where the bars have no whole of their own. */
export function formatBarPlot(plot: BarPlot): string {
  const { bars, legend = [] } = plot;
  const longest = Math.max(0, ...bars.map(sumOf));
  const rows = bars.map((bar, index) => formatBar(bar, index * rowPx, bar.whole ?? longest));
  const svg = formatPlotSvg(plot, "bar-plot", bars.length * rowPx, rows.join("\n"));
  return `${formatLegend(legend, "bars")}${svg}`;
}

function formatBar({ name, text, parts }: Bar, top: number, whole: number): string {
  const pieces: string[] = [];
  let before = 0;
  for (const { tone, value } of parts) {
    if (value > 0 && whole > 0) {
      const [x, width] = [formatPercentage(before / whole), formatPercentage(value / whole)];
      pieces.push(
        `<rect class="${tone}" x="${x}" y="${top + 20}" width="${width}" height="${barPx}"/>`,
      );
    }
    before += value;
  }
  return [
    `<text x="0" y="${top + 13}">${escapeHtml(name)}</text>`,
    `<text class="figure" x="100%" y="${top + 13}" text-anchor="end">${escapeHtml(text)}</text>`,
    `<rect class="track" x="0" y="${top + 20}" width="100%" height="${barPx}"/>`,
    ...pieces,
  ].join("");
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
