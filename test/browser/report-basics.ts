// What every report with plots owes to whoever opens it: that the plots are drawn, that their texts
// can be read at any width, that nothing is fetched. Called by the tests of each report.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { type OpenedPage, saveScreenshot } from "./browser-page.ts";
import { checkAccessibility, checkColourSchemes, checkWidths } from "./page-basics.ts";

export const REPORT_WIDTHS_PX = [360, 414, 768, 1280] as const;

/** Opens a file from disk, and sees to it that the file is all that the page asks for. */
export async function openReport(
  { page, requests, complaints }: OpenedPage,
  file: string,
): Promise<void> {
  const url = pathToFileURL(file).href;
  await page.goto(url, { waitUntil: "networkidle" });
  assert.deepEqual(requests, [url]);
  assert.deepEqual(complaints, []);
}

interface PlotFacts {
  readonly id: string;
  /** Widths of the whole, and of all lines and bars together, in pixels. */
  readonly width: number;
  readonly drawnWidth: number;
  readonly drawnCount: number;
  /** Colours in which something is drawn. */
  readonly colours: readonly string[];
  /** Pairs of texts that lie on each other, and texts that lie outside of the window. */
  readonly collisions: readonly string[];
}

const readPlotFacts = `
  [...document.querySelectorAll("svg.plot")].map((svg) => {
    const drawn = [...svg.querySelectorAll(".line, .area, .dot, rect:not(.track)")];
    const boxes = drawn.map((element) => element.getBoundingClientRect());
    const texts = [...svg.querySelectorAll("text")].map((element) => {
      return { text: element.textContent, box: element.getBoundingClientRect() };
    });
    const collisions = texts.flatMap((a, index) => [
      ...(a.box.left < -0.5 || a.box.right > innerWidth + 0.5 ? [a.text + " is cut off"] : []),
      ...texts.slice(index + 1).filter((b) =>
        Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 &&
        Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 4
      ).map((b) => a.text + " on " + b.text),
    ]);
    return {
      id: svg.querySelector("title").id,
      width: svg.getBoundingClientRect().width,
      drawnWidth: Math.max(0, ...boxes.map(({ right }) => right)) -
        Math.min(innerWidth, ...boxes.map(({ left }) => left)),
      drawnCount: drawn.length,
      colours: drawn.map((element) => {
        const { stroke, fill } = getComputedStyle(element);
        return stroke === "none" ? fill : stroke;
      }),
      collisions,
    };
  })`;

/** `ids` are those of the plots in their order on the page, without `-plot`. */
export async function checkPlots(page: Page, ids: readonly string[]): Promise<void> {
  for (const width of REPORT_WIDTHS_PX) {
    await page.setViewportSize({ width, height: 900 });
    const plots = await page.evaluate<PlotFacts[]>(readPlotFacts);
    assert.deepEqual(
      plots.map(({ id }) => id),
      ids.map((id) => `${id}-plot-title`),
    );
    for (const plot of plots) {
      const where = `${plot.id}, ${width} px`;
      assert.deepEqual(plot.collisions, [], where);
      assert.ok(plot.drawnCount > 0, `${where}: nothing is drawn`);
      // Two points, in the middles of two seconds, are as far apart as that.
      assert.ok(plot.drawnWidth > plot.width / 3, `${where}: ${plot.drawnWidth} of ${plot.width}`);
      for (const colour of plot.colours) assert.match(colour, /^rgb\(\d/, where);
    }
  }
}

/** The cells of the table that a screen reader calls `caption`, each row as its texts. */
export async function readTable(page: Page, caption: string): Promise<string[][]> {
  const table = page.locator(`[role=region][aria-label="${caption}"]`);
  const rows = await table.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allTextContents()));
}

/** All of it, in light and dark; keeps two screenshots that begin with `name`. */
export async function checkReadsWell(
  page: Page,
  plots: readonly string[],
  name: string,
): Promise<void> {
  await checkPlots(page, plots);
  await checkWidths(page, REPORT_WIDTHS_PX);
  await checkAccessibility(page);
  await checkColourSchemes(page);
  for (const [width, colorScheme] of [
    [1280, "light"],
    [360, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await saveScreenshot(page, `${name}-${width}-${colorScheme}`);
  }
}
