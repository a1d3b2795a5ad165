// The seconds of a run as intervals that can be drawn: not more than a plot has room for, with rates
// that are true also of a last second that was not a whole one. Pure.

import type { LoadResult, SecondCounts } from "../load/load-result.ts";
import { medianOf } from "../stats/median.ts";

/** From `fromMs` up to `toMs` of the run; the rates are in requests a second. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly due: number;
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
  /** The median of the seconds' medians; of one second it is that second's. */
  readonly p50Ms: number | undefined;
  /** The highest of the seconds. */
  readonly p99Ms: number | undefined;
}

/** A piece at the end shorter than this has no rate of its own, and goes with the one before it. */
const lastPieceMsMin = 500;

export function listIntervals(result: LoadResult, intervalCountMax: number): Interval[] {
  const { seconds, durationMs } = result;
  const size = Math.ceil(seconds.length / intervalCountMax);
  const groups: SecondCounts[][] = [];
  for (let at = 0; at < seconds.length; at += size) groups.push(seconds.slice(at, at + size));
  const last = groups.at(-1);
  const isShort = last !== undefined && durationMs - last[0]!.second * 1000 < lastPieceMsMin;
  if (isShort && groups.length > 1) groups.at(-2)!.push(...groups.pop()!);
  return groups.map((group, index) => {
    const fromMs = group[0]!.second * 1000;
    const nextMs = (group.at(-1)!.second + 1) * 1000;
    const isLast = index === groups.length - 1;
    return makeInterval(group, fromMs, isLast && durationMs > fromMs ? durationMs : nextMs);
  });
}

function makeInterval(group: readonly SecondCounts[], fromMs: number, toMs: number): Interval {
  const rate = (read: (second: SecondCounts) => number): number =>
    (group.reduce((sum, second) => sum + read(second), 0) * 1000) / (toMs - fromMs);
  const p50s = group.flatMap(({ p50Ms }) => p50Ms ?? []);
  const p99s = group.flatMap(({ p99Ms }) => p99Ms ?? []);
  return {
    fromMs,
    toMs,
    due: rate(({ due }) => due),
    admitted: rate(({ admitted }) => admitted),
    refused: rate(({ refused }) => refused),
    failed: rate(({ failed }) => failed),
    p50Ms: p50s.length === 0 ? undefined : medianOf(p50s),
    p99Ms: p99s.length === 0 ? undefined : Math.max(...p99s),
  };
}
