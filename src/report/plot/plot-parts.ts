// What line plots and bar plots share: the outer SVG with its title and description, and coordinates
// with few digits. Pure.
//
// A plot is as wide as its place, and its letters are as large as all others at any width: the SVG
// has no viewBox, so that its unit is a pixel, and what lies along the width is given in percent.
// Room for what stands beside the drawing is padding (report-style.ts).

import { escapeHtml } from "../../http/page-text.ts";

/** What a line or a bar stands for; its colours are in report-style.ts. */
export type Tone = "admitted" | "refused" | "failed" | "due" | "first" | "second" | "third";

export interface PlotText {
  /** Unique on the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What a person sees in the plot, for one who does not. */
  readonly description: string;
}

/** `kind` is the class that gives the padding; `height` is that of the drawing, in pixels. */
export function formatPlotSvg(
  text: PlotText,
  kind: string,
  height: number,
  content: string,
): string {
  const { id, title, description } = text;
  return `<svg class="plot ${kind}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${escapeHtml(title)}</title>
<desc id="${id}-text">${escapeHtml(description)}</desc>
${content}
</svg>`;
}

/** A place on an axis, from 0 to 1. */
export function formatPercentage(at: number): string {
  return `${formatNumber(at * 100)}%`;
}

/** Two digits are a hundredth of a pixel. */
export function formatNumber(value: number): string {
  return String(Number(value.toFixed(2)));
}

export interface LegendEntry {
  readonly name: string;
  readonly tone: Tone;
}

/** The key of a plot, as a list before it; nothing where there is only one thing to tell apart. */
export function formatLegend(entries: readonly LegendEntry[], kind: "lines" | "bars"): string {
  if (entries.length < 2) return "";
  const items = entries.map(
    ({ name, tone }) =>
      `<li><svg class="swatch ${tone}" width="22" height="8" aria-hidden="true"><path d="M0 4h22"/></svg>${escapeHtml(name)}</li>`,
  );
  return `<ul class="legend ${kind}">${items.join("")}</ul>\n`;
}
