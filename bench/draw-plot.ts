// Draws docs/performance.svg from a saved result:
//
//   node bench/draw-plot.ts RESULT.json FILE.svg

import { readFileSync, writeFileSync } from "node:fs";
import { medianOf, ratiosOf } from "./comparison.ts";
import { type BarGroup, drawPlot } from "./plot-svg.ts";
import type { BenchJson } from "./result-json.ts";

const TITLE = "CPU time of the server for one answer, relative to nginx (less is better)";
const ROWS = ["small-files", "large-files"];
const BASE = "nginx";

/** The groups of bars of all sizes that were measured together with nginx. */
function listGroups(json: BenchJson): BarGroup[] {
  const rows = json.rows.filter(({ name }) => ROWS.includes(name));
  return rows
    .flatMap(({ cases }) => cases)
    .flatMap(({ name, series }) => {
      const base = series.find((one) => one.name === BASE);
      if (base === undefined) return [];
      const ratio = (one: typeof base): number => medianOf(ratiosOf(one, base));
      return [{ name, bars: series.map((one) => ({ name: one.name, ratio: ratio(one) })) }];
    });
}

function main([jsonPath, svgPath]: readonly string[]): number {
  if (jsonPath === undefined || svgPath === undefined) {
    console.error("draw-plot: give a result of bench/main.ts --json and the SVG file to write");
    return 2;
  }
  try {
    const json = JSON.parse(readFileSync(jsonPath, "utf8")) as BenchJson;
    if (json.schema !== "weir-bench/1") throw new Error("it is no result of bench/main.ts --json");
    const groups = listGroups(json);
    if (groups.length === 0) throw new Error(`it has no row of ${ROWS.join(", ")} with ${BASE}`);
    writeFileSync(svgPath, drawPlot(TITLE, groups));
    return 0;
  } catch (error) {
    console.error(`draw-plot: cannot draw "${jsonPath}": ${(error as Error).message}`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
