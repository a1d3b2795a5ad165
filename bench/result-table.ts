// A row's result as lines for a person. Pure.

import { formatTable } from "../src/base/figure-text.ts";
import { type Comparison, checkBound, compareCase, medianOf } from "./comparison.ts";
import type { Bound, Case, Row, RowResult } from "./row.ts";

const HEADINGS = ["ratio", "(least to most)", "target", ""];
const NO_CELLS = ["", "", "", ""];

/** A heading, a table with one line for each peer of each case, and an empty line. */
export function formatRow(
  row: Pick<Row, "name" | "title" | "targets" | "bounds">,
  result: RowResult,
): string {
  const lines = result.cases.flatMap((measured) => {
    const comparisons = compareCase(measured, row.targets);
    const isPlain =
      comparisons.length === 0 && checkBound(measured, row.bounds ?? []) === undefined;
    const headings = isPlain ? NO_CELLS : HEADINGS;
    const table = [
      [measured.name, measured.unit, ...headings],
      ...listLines(measured, comparisons, row.bounds ?? []),
    ];
    return [...formatTable(table), ""];
  });
  return [`${row.title} (${row.name})`, "", ...lines].join("\n");
}

function listLines(
  measured: Case,
  comparisons: readonly Comparison[],
  bounds: readonly Bound[],
): string[][] {
  return measured.series.map(({ name, rounds }, index) => {
    const cells = [`  ${name}`, formatNumber(medianOf(rounds))];
    const comparison = comparisons[index - 1];
    if (comparison === undefined) return [...cells, ...boundCells(measured, bounds)];
    const { ratio, ratioLow, ratioHigh, ratioMax, isMet } = comparison;
    return [
      ...cells,
      formatRatio(ratio),
      `(${formatRatio(ratioLow)} to ${formatRatio(ratioHigh)})`,
      ratioMax === undefined ? "" : `≤ ${formatRatio(ratioMax)}`,
      isMet === undefined ? "" : isMet ? "met" : "missed",
    ];
  });
}

/** Of the series that the claim is about. */
function boundCells(measured: Case, bounds: readonly Bound[]): string[] {
  const bound = checkBound(measured, bounds);
  if (bound === undefined) return NO_CELLS;
  return ["", "", `≤ ${formatNumber(bound.valueMax)}`, bound.isMet ? "met" : "missed"];
}

/** Two digits behind the point, and three that count below 0.1. */
export function formatRatio(ratio: number): string {
  return Math.abs(ratio) < 0.1 ? String(Number(ratio.toPrecision(2))) : ratio.toFixed(2);
}

/** Three digits that count, or all before the point; thousands with commas. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
