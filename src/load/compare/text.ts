// The comparison of two series of load runs, as text for a person and as JSON for programs. Pure. Used by
// `weir compare` and by `weir load --compare`.

import {
  formatCounted,
  formatMs,
  formatPercent,
  formatRate,
  formatTable,
  wrapText,
} from "../../base/figure-text.ts";
import { formatVisible } from "../../http/page-text.ts";
import type { LoadResult } from "../result.ts";
import { LEAST_ROUND_COUNT } from "../statistics.ts";
import { type Comparison, compareRounds, type FigureComparison } from "./comparison.ts";

const COMPARISON_SCHEMA = "weir-comparison/1";

const COLUMN_COUNT = 80;
const ADVISED_ROUND_COUNT = 7;

/** `names` are the URLs or files of A and B. Each has at least one round. Ends with a newline. */
export function formatComparison(
  a: readonly LoadResult[],
  b: readonly LoadResult[],
  names: readonly [string, string],
): string {
  const comparison = compareRounds(a, b);
  const paragraphs = [
    // Both may come from a file that others wrote.
    [`A  ${formatVisible(names[0])}`, `B  ${formatVisible(names[1])}`],
    [`Medians of ${describeRounds(comparison)}`, ...formatFigures(comparison.figures)],
    conclude(comparison),
    ...comparison.doubts.map((doubt) => wrapText(formatVisible(doubt), COLUMN_COUNT)),
  ];
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Indented, with a newline at its end. */
export function formatComparisonJson(
  a: readonly LoadResult[],
  b: readonly LoadResult[],
  [nameA, nameB]: readonly [string, string],
): string {
  const { roundCounts, figures, doubts } = compareRounds(a, b);
  const value = {
    schema: COMPARISON_SCHEMA,
    a: { name: nameA, rounds: roundCounts[0] },
    b: { name: nameB, rounds: roundCounts[1] },
    figures,
    doubts,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function describeRounds({ roundCounts: [a, b] }: Comparison): string {
  return a === b
    ? `${formatCounted(a, "round")} each`
    : `${formatCounted(a, "round")} of A, ${b} of B`;
}

function formatFigures(figures: readonly FigureComparison[]): string[] {
  const values = formatTable([
    ["", "A", "B"],
    ...figures.map((figure) => [
      figure.name,
      formatValue(figure.a, figure),
      formatValue(figure.b, figure),
    ]),
  ]);
  if (isUnclaimed(figures)) return values;
  const effects = formatTable([["B to A", "95 % interval"], ...figures.map(formatEffect)]);
  const effectLength = Math.max(...effects.map((line) => line.length));
  const verdicts = ["", ...figures.map(({ verdict }) => VERDICT_TEXTS[verdict])];
  return values.map((line, index) =>
    `${line}${effects[index]!.padEnd(effectLength)}  ${verdicts[index]}`.trimEnd(),
  );
}

function isUnclaimed(figures: readonly FigureComparison[]): boolean {
  return figures.every(({ verdict }) => verdict === "unclaimed");
}

const VERDICT_TEXTS: Readonly<Record<FigureComparison["verdict"], string>> = {
  better: "B is better",
  worse: "B is worse",
  "within noise": "within noise",
  unclaimed: "no claim",
};

function formatValue(value: number, { unit }: FigureComparison): string {
  switch (unit) {
    case "requests per second":
      return formatRate(value);
    case "milliseconds":
      return formatMs(value);
    case "share":
      return formatPercent(value);
  }
}

function formatEffect({ interval, effect, unit }: FigureComparison): [string, string] {
  if (interval === undefined) return ["", ""];
  const format = (value: number): string => {
    if (effect === "ratio") return `× ${value.toFixed(3)}`;
    const sign = value < 0 ? "-" : "+";
    const size = Math.abs(value);
    return unit === "share" ? `${sign}${(size * 100).toFixed(2)} %` : `${sign}${size.toFixed(2)}`;
  };
  return [format(interval.estimate), `${format(interval.low)} to ${format(interval.high)}`];
}

function conclude({ figures, roundCounts }: Comparison): string[] {
  if (isUnclaimed(figures)) {
    return wrapText(explainNoClaim(roundCounts), COLUMN_COUNT);
  }
  const list = (verdict: FigureComparison["verdict"]): string =>
    figures
      .filter((figure) => figure.verdict === verdict)
      .map(({ name }) => name)
      .join(", ");
  const sentences = [
    list("better") && `Beyond noise, B is better: ${list("better")}.`,
    list("worse") && `Beyond noise, B is worse: ${list("worse")}.`,
    list("within noise") && `Within noise, no difference is shown: ${list("within noise")}.`,
    "Each interval by itself contains the true effect in at least 95 of 100 such comparisons.",
  ];
  return wrapText(sentences.filter(Boolean).join(" "), COLUMN_COUNT);
}

function explainNoClaim([a, b]: readonly [number, number]): string {
  const given = a === 1 && b === 1 ? "one run each" : `${a} of A and ${b} of B`;
  return (
    `No claim: ${given} cannot tell a difference from noise, as the requests within one run are not ` +
    `independent. That takes ${LEAST_ROUND_COUNT} rounds of each; get them with weir load --compare URL ` +
    `URL --rounds ${ADVISED_ROUND_COUNT}, or with weir load URL --rounds ${ADVISED_ROUND_COUNT} --json ` +
    "FILE for each."
  );
}
