// One plot on the page, drawn by uPlot. Its legend shows the newest values, or those of the second that a
// person points at in any of the plots. Called by main.ts; plot-list.ts says what it draws.

import uPlot from "uplot";
import { type Columns, cutColumns } from "./column-store.ts";
import { formatTimeOfDay } from "./number-format.ts";
import { makeElement, requireElement, setAttribute, setText } from "./page-element.ts";
import type { PlotColours } from "./page-look.ts";
import { makeDrawnColumns, orderSeries, type PlotDefinition } from "./plot-list.ts";
import { makePlotOptions } from "./plot-options.ts";

/** How often a screen reader may hear new values, so that it gets to other things too. */
const DESCRIBE_EVERY_MS = 5_000;

const CROWDED_RANGE_MS = 600_000;

export class PlotView {
  readonly #definition: PlotDefinition;
  readonly #box: HTMLElement;
  readonly #time: HTMLElement;
  readonly #title: string;
  readonly #values: readonly HTMLElement[];
  readonly #plot: uPlot;
  #colours: PlotColours;
  #columns: Columns | undefined;
  #rangeMs = 60_000;
  #describedMs = Number.NEGATIVE_INFINITY;

  constructor(definition: PlotDefinition, colours: PlotColours) {
    const card = requireElement(`[data-plot=${definition.name}]`, HTMLElement);
    this.#definition = definition;
    this.#colours = colours;
    this.#box = requireElement(".plot", HTMLElement, card);
    this.#time = requireElement("time", HTMLElement, card);
    this.#title = requireElement("h2", HTMLElement, card).textContent.replace(/\s+/g, " ");
    this.#values = makeLegend(definition, requireElement(".legend", HTMLElement, card));
    const options = makePlotOptions(definition, {
      colourOf: (name) => this.#colours[name],
      timeRange: () => this.#timeRange(),
      onCursor: () => this.#showLegend(),
    });
    this.#plot = new uPlot(options, [[], ...definition.series.map(() => [])], this.#box);
    new ResizeObserver(() => this.#fit()).observe(this.#box);
    setAttribute(this.#box, "aria-label", `${this.#title}: no data yet`);
  }

  /** @param columns must not change afterwards */
  show(columns: Columns, rangeMs: number): void {
    this.#rangeMs = rangeMs;
    this.#columns = cutColumns(columns, rangeMs);
    this.#thinLines();
    const drawn = makeDrawnColumns(this.#definition, this.#columns);
    this.#plot.setData([this.#columns.timeMs, ...drawn] as uPlot.AlignedData);
    this.#showLegend();
    this.#describe();
  }

  /** Call this when the colour scheme has changed. */
  recolour(colours: PlotColours): void {
    this.#colours = colours;
    this.#plot.redraw(false);
  }

  /** Where many seconds share a pixel, thick lines would run together. */
  #thinLines(): void {
    const share = this.#rangeMs > CROWDED_RANGE_MS ? 0.65 : 1;
    orderSeries(this.#definition).forEach(({ lineWidth }, index) => {
      this.#plot.series[index + 1]!.width = lineWidth * share;
    });
  }

  #timeRange(): [number, number] {
    const newestMs = this.#columns?.timeMs.at(-1) ?? Date.now();
    return [newestMs - this.#rangeMs, newestMs];
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (width > 0 && height > 0) this.#plot.setSize({ width, height });
  }

  #showLegend(): void {
    if (this.#columns === undefined) return;
    const pointed = this.#plot.cursor.idx ?? null;
    const index = pointed ?? this.#columns.timeMs.length - 1;
    this.#definition.series.forEach(({ field }, seriesIndex) => {
      const value = this.#columns?.[field][index] ?? null;
      setText(this.#values[seriesIndex]!, this.#definition.format(value));
    });
    const timeMs = pointed === null ? undefined : this.#columns.timeMs[pointed];
    setText(this.#time, timeMs === undefined ? "" : formatTimeOfDay(timeMs));
  }

  #describe(): void {
    const now = performance.now();
    if (this.#columns === undefined || now - this.#describedMs < DESCRIBE_EVERY_MS) return;
    this.#describedMs = now;
    const columns = this.#columns;
    const values = this.#definition.series.map(
      ({ field, label }) => `${label} ${this.#definition.format(columns[field].at(-1) ?? null)}`,
    );
    setAttribute(this.#box, "aria-label", `${this.#title}. Last second: ${values.join(", ")}`);
  }
}

/** @returns the elements of the values, in the order of the series. */
function makeLegend(definition: PlotDefinition, list: HTMLElement): HTMLElement[] {
  return definition.series.map(({ label, colour }) => {
    const item = makeElement("li");
    const swatch = makeElement("span", `swatch ${colour}`);
    swatch.setAttribute("aria-hidden", "true");
    const value = makeElement("span", "value");
    item.append(swatch, makeElement("span", "label", label), value);
    list.append(item);
    return value;
  });
}
