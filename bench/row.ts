// What a benchmark is: a row measures a few cases, a case compares one series of numbers with others
// that were taken in turn with it. Everything measured fits this shape, whatever its unit.

import type { RowContext } from "./row-context.ts";

/** One number a round, all of the same unit; less is better. */
export interface Series {
  readonly name: string;
  readonly rounds: readonly number[];
}

export interface Case {
  readonly name: string;
  /** Of every number of the case, as in "µs CPU a request". */
  readonly unit: string;
  /** The first is what the claim is about; the ratio to each of the others is told. */
  readonly series: readonly Series[];
}

/** The claim: the ratio of the first series to that of `peer` is at most `ratioMax`. */
export interface Target {
  readonly caseName: string;
  readonly peer: string;
  readonly ratioMax: number;
}

/** The claim: the median of the first series is at most `valueMax`, in the unit of the case. */
export interface Bound {
  readonly caseName: string;
  readonly valueMax: number;
}

export interface RowResult {
  readonly cases: readonly Case[];
}

export interface Row {
  /** As it is typed: `node bench/main.ts small-files`. */
  readonly name: string;
  readonly title: string;
  readonly targets: readonly Target[];
  /** For what no machine's speed decides, as memory; none when left out. */
  readonly bounds?: readonly Bound[];
  measure(context: RowContext): Promise<RowResult>;
}
