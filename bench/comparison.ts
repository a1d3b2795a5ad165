// The arithmetic of the results: medians, and the ratio of one series to another with its spread.
// Pure. The rounds of a case were taken in turn (A B C A B C …), so the n-th rounds of two series met
// the same moment of the machine: ratios are formed round by round.

import type { Bound, Case, Series, Target } from "./row.ts";

export interface Comparison {
  readonly peer: string;
  /** Median of the round-wise ratios of the first series to the peer's. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
  readonly ratioMax?: number;
  /** Only where there is a target. */
  readonly isMet?: boolean;
}

/** The middle value, or the mean of the two middle ones; NaN of no values. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The first series of `measured` against each of the others. */
export function compareCase(measured: Case, targets: readonly Target[]): Comparison[] {
  const [subject, ...peers] = measured.series;
  if (subject === undefined) return [];
  return peers.map((peer) => {
    const target = targets.find(
      ({ caseName, peer: name }) => caseName === measured.name && name === peer.name,
    );
    return compareSeries(subject, peer, target?.ratioMax);
  });
}

/** Whether a case keeps its bound; undefined where it has none. */
export function checkBound(
  measured: Case,
  bounds: readonly Bound[],
): { readonly valueMax: number; readonly isMet: boolean } | undefined {
  const bound = bounds.find(({ caseName }) => caseName === measured.name);
  const [subject] = measured.series;
  if (bound === undefined || subject === undefined) return undefined;
  return { valueMax: bound.valueMax, isMet: medianOf(subject.rounds) <= bound.valueMax };
}

/** Round by round, as far as both have rounds. */
export function ratiosOf(subject: Series, peer: Series): number[] {
  return subject.rounds.flatMap((value, round) => {
    const other = peer.rounds[round];
    return other === undefined ? [] : [value / other];
  });
}

function compareSeries(subject: Series, peer: Series, ratioMax: number | undefined): Comparison {
  const ratios = ratiosOf(subject, peer);
  const comparison = {
    peer: peer.name,
    ratio: medianOf(ratios),
    ratioLow: Math.min(...ratios),
    ratioHigh: Math.max(...ratios),
  };
  if (ratioMax === undefined) return comparison;
  return { ...comparison, ratioMax, isMet: comparison.ratio <= ratioMax };
}
