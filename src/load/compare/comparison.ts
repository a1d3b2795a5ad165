// Two series of load runs compared, figure by figure. The unit of comparison is the round: requests
// within one run share its connections, its caches and its moment, and are not independent, so that
// a million of them are still one measurement. Pure; compare-text.ts tells the result.

import { describePlan } from "../report/words.ts";
import type { LatencySummary, LoadResult } from "../result.ts";
import { estimateRatio, estimateShift, type Interval, medianOf } from "../statistics.ts";

export type FigureUnit = "requests per second" | "milliseconds" | "share";

/**
 * `ratio` is B / A, `difference` is B - A. `better` and `worse` say that B is; both are beyond noise:
 * the interval leaves out that there is no difference. `unclaimed`: so few rounds show nothing.
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
  /** What may make the two differ beside what is to be compared; a sentence each. */
  readonly doubts: readonly string[];
}

interface Figure {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly isMoreBetter: boolean;
  /** Undefined where the round has no such figure. */
  readonly read: (result: LoadResult) => number | undefined;
  /** Told only where it is so in one round at least. */
  readonly isToldIf?: (result: LoadResult) => boolean;
}

const figures: readonly Figure[] = [
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

/** Both series have at least one round. */
export function compareRounds(a: readonly LoadResult[], b: readonly LoadResult[]): Comparison {
  return {
    roundCounts: [a.length, b.length],
    figures: figures.flatMap((figure) => compareFigure(figure, a, b)),
    doubts: listDoubts(a, b),
  };
}

/** None where a round has no such figure. */
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
  // Nothing has a ratio to 0.
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
    doubts.push(`The two were not run alike. A: ${plansA}. B: ${plansB}.`);
  }
  if ([...a, ...b].some(({ interrupted }) => interrupted)) {
    doubts.push("A round was stopped before its end.");
  }
  const [first, second] = a[0]!.started <= b[0]!.started ? [a, b] : [b, a];
  const isInTurn = first.length === 1 || first.at(-1)!.started > second[0]!.started;
  if (!isInTurn) {
    doubts.push(
      "One was run after the other: whatever else changed in between counts as a difference. " +
        "weir load --compare runs them in turn.",
    );
  }
  return doubts;
}

/** Rounds of one series may differ too, though `weir load` makes no such. */
function listPlans(rounds: readonly LoadResult[]): string {
  const plans = rounds.map(({ plan }) => {
    const sources = plan.sources.length > 0 ? `, from ${plan.sources.length} addresses` : "";
    return `${plan.method}, ${describePlan(plan)}${sources}`;
  });
  return [...new Set(plans)].join("; ");
}
