// The results of the lab, arranged as a person compares them. Pure. Used by the text and the page of the
// lab.

import { formatCount, formatPercent, formatSeconds } from "../../base/figure-text.ts";
import type {
  ConcurrencyResult,
  CounterRun,
  FormRun,
  LimitResult,
  LimitSeries,
} from "../result.ts";

/** Both forms with the same number of requests. */
export interface FormPair {
  readonly serial: FormRun;
  readonly concurrent: FormRun;
}

/** The pairs in the order of the results; a number of requests that one form lacks is left out. */
export function pairForms(forms: readonly FormRun[]): FormPair[] {
  const serial = forms.filter(({ form }) => form === "one at a time");
  return serial.flatMap((run) => {
    const concurrent = forms.find(
      ({ form, requests }) => form === "concurrent" && requests === run.requests,
    );
    return concurrent === undefined ? [] : [{ serial: run, concurrent }];
  });
}

/** The pair with ten requests, which the texts explain; without it the largest pair. */
export function findTypicalPair({ forms }: Pick<ConcurrencyResult, "forms">): FormPair | undefined {
  const pairs = pairForms(forms);
  return pairs.find(({ serial }) => serial.requests === 10) ?? pairs.at(-1);
}

/** Both forms with the same number of threads. */
export interface CounterRace {
  readonly plain: CounterRun;
  readonly atomic: CounterRun;
}

/** Every result has the hits. */
export function sortRuns(runs: readonly CounterRun[]): {
  readonly races: readonly CounterRace[];
  readonly hits: CounterRun;
} {
  const races = runs
    .filter(({ form }) => form === "plain read and write")
    .flatMap((plain) => {
      const atomic = runs.find(
        ({ form, threads }) => form === "Atomics.add" && threads === plain.threads,
      );
      return atomic === undefined ? [] : [{ plain, atomic }];
    });
  return { races, hits: runs.find(({ form }) => form === "weir's hits over HTTP")! };
}

/** What the races lost, a row for each number of threads. */
export function listRaceRows(races: readonly CounterRace[]): string[][] {
  return races.map(({ plain, atomic }) => [
    formatCount(plain.threads),
    formatCount(plain.additions),
    formatCount(plain.lost),
    formatPercent(plain.lost / plain.additions),
    formatCount(atomic.lost),
  ]);
}

export interface NamedSeries {
  readonly name: string;
  readonly series: LimitSeries;
}

/** One client's series: all at once, then ever closer to the edge of the limit, and beyond it. */
export function listSeries({ burst, spaced, under, over }: LimitResult): NamedSeries[] {
  const apart = ({ gapMs }: LimitSeries): string => `${formatSeconds(gapMs, 2)} apart`;
  return [
    { name: "all at once", series: burst },
    { name: apart(spaced), series: spaced },
    { name: `${apart(under)} (under)`, series: under },
    { name: `${apart(over)} (over)`, series: over },
  ];
}
