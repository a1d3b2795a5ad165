// The results as JSON of a stated version, for plots and for comparing runs. Pure.

import { type Comparison, checkBound, compareCase, medianOf } from "./comparison.ts";
import type { MachineFacts } from "./machine-facts.ts";
import type { Row, RowResult } from "./row.ts";

export interface BenchJson {
  readonly schema: "weir-bench/1";
  /** ISO 8601. */
  readonly started: string;
  readonly form: string;
  readonly machine: MachineFacts;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowJson[];
}

export interface RowJson {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly {
    readonly name: string;
    readonly unit: string;
    readonly series: readonly {
      readonly name: string;
      readonly median: number;
      readonly rounds: readonly number[];
    }[];
    readonly comparisons: readonly Comparison[];
    readonly bound?: { readonly valueMax: number; readonly isMet: boolean };
  }[];
}

export function buildRowJson(
  { name, title, targets, bounds }: Pick<Row, "name" | "title" | "targets" | "bounds">,
  { cases }: RowResult,
): RowJson {
  return {
    name,
    title,
    cases: cases.map((measured) => {
      const bound = checkBound(measured, bounds ?? []);
      return {
        name: measured.name,
        unit: measured.unit,
        series: measured.series.map((series) => ({ ...series, median: medianOf(series.rounds) })),
        comparisons: compareCase(measured, targets),
        ...(bound && { bound }),
      };
    }),
  };
}
