// Compares two series of load runs, figure by figure. The unit of comparison is the round: requests within
// one run share its connections, its caches and its moment. They are not independent, so even a million of
// them are one measurement. Pure; text.ts shows the result.

import { describePlan } from "../report/words.ts";
import type { LatencySummary, LoadResult } from "../result.ts";
import { estimateRatio, estimateShift, type Interval, medianOf } from "../statistics.ts";

export type FigureUnit = "requests per second" | "milliseconds" | "share";

/**
 * `ratio` is B / A, `difference` is B - A. `better` and `worse` are about B, and beyond noise: the interval
 * excludes that there is no difference. `unclaimed` means that there are too few rounds to show anything.
 */
export interface FigureComparison {
  readonly name: string;
  readonly unit: FigureUnit;
  /** The medians of the rounds. */
  readonly a: number;
  readonly b: number;
  readonly effect: "ratio" | "difference";
  readonly interval?: Interval;
  readonly verdict: "better" | "worse" | "within noise" | "unclaimed";
}

export interface Comparison {
  readonly roundCounts: readonly [a: number, b: number];
  readonly figures: readonly FigureComparison[];
  /** What else may make the two differ; one sentence each. */
  readonly doubts: readonly string[];
}

interface Figure {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly isMoreBetter: boolean;
  /** Undefined when the round has no such figure. */
  readonly read: (result: LoadResult) => number | undefined;
  /** The figure is shown only if this is true for at least one round. */
  readonly isToldIf?: (result: LoadResult) => boolean;
}

const FIGURES: readonly Figure[] = [
  {
    name: "rate",
    unit: "requests per second",
    isMoreBetter: true,
    read: ({ rate }) => rate.achieved,
  },
  {
    name: "admitted",
    unit: "requests per second",
    isMoreBetter: true,
    read: ({ rate }) => rate.admitted,
    isToldIf: ({ refused, failed }) => refused + failed > 0,
  },
  latencyFigure("p50", ({ p50 }) => p50),
  latencyFigure("p90", ({ p90 }) => p90),
  latencyFigure("p99", ({ p99 }) => p99),
  shareFigure("refused", ({ refused }) => refused),
  shareFigure("errors", ({ failed }) => failed),
];

function latencyFigure(name: string, read: (summary: LatencySummary) => number): Figure {
  return {
    name,
    unit: "milliseconds",
    isMoreBetter: false,
    read: ({ latencyMs, latencyFromDueMs }) => {
      const summary = latencyFromDueMs?.all ?? latencyMs.all;
      return summary && read(summary);
    },
  };
}

function shareFigure(name: string, read: (result: LoadResult) => number): Figure {
  return {
    name,
    unit: "share",
    isMoreBetter: false,
    read: (result) => (result.total === 0 ? 0 : read(result) / result.total),
    isToldIf: (result) => read(result) > 0,
  };
}

/** Each series has at least one round. */
export function compareRounds(a: readonly LoadResult[], b: readonly LoadResult[]): Comparison {
  return {
    roundCounts: [a.length, b.length],
    figures: FIGURES.flatMap((figure) => compareFigure(figure, a, b)),
    doubts: listDoubts(a, b),
  };
}

/** Empty when a round has no such figure. */
function compareFigure(
  { name, unit, isMoreBetter, read, isToldIf = () => true }: Figure,
  a: readonly LoadResult[],
  b: readonly LoadResult[],
): FigureComparison[] {
  const [valuesA, valuesB] = [a.map(read), b.map(read)].map((values) =>
    values.filter((value) => value !== undefined),
  ) as [number[], number[]];
  if (valuesA.length < a.length || valuesB.length < b.length) return [];
  if (![...a, ...b].some(isToldIf)) return [];
  const values = [...valuesA, ...valuesB];
  // There is no ratio to 0.
  const isRatio = unit !== "share" && values.every((value) => value > 0);
  const interval = (isRatio ? estimateRatio : estimateShift)(valuesA, valuesB);
  return [
    {
      ...{ name, unit, a: medianOf(valuesA), b: medianOf(valuesB) },
      effect: isRatio ? "ratio" : "difference",
      ...(interval && { interval }),
      verdict: judge(interval, isRatio ? 1 : 0, isMoreBetter),
    },
  ];
}

function judge(
  interval: Interval | undefined,
  sameAt: number,
  isMoreBetter: boolean,
): FigureComparison["verdict"] {
  if (interval === undefined) return "unclaimed";
  if (interval.low <= sameAt && sameAt <= interval.high) return "within noise";
  return interval.low > sameAt === isMoreBetter ? "better" : "worse";
}

function listDoubts(a: readonly LoadResult[], b: readonly LoadResult[]): string[] {
  const doubts: string[] = [];
  const [plansA, plansB] = [a, b].map(listPlans) as [string, string];
  if (plansA !== plansB) {
    doubts.push(`The two runs had different settings. A: ${plansA}. B: ${plansB}.`);
  }
  if ([...a, ...b].some(({ interrupted }) => interrupted)) {
    doubts.push("A round was stopped before its end.");
  }
  const [first, second] = a[0]!.started <= b[0]!.started ? [a, b] : [b, a];
  const isInTurn = first.length === 1 || first.at(-1)!.started > second[0]!.started;
  if (!isInTurn) {
    doubts.push(
      "One ran after the other, so whatever else changed in between counts as a difference. " +
        "weir load --compare runs them in turn.",
    );
  }
  return doubts;
}

/** The rounds of one series may differ as well, although `weir load` makes no such series. */
function listPlans(rounds: readonly LoadResult[]): string {
  const plans = rounds.map(({ plan }) => {
    const sources = plan.sources.length > 0 ? `, from ${plan.sources.length} addresses` : "";
    return `${plan.method}, ${describePlan(plan)}${sources}`;
  });
  return [...new Set(plans)].join("; ");
}
