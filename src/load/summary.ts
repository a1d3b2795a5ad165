// Adds up the tallies of all threads of a run and makes the LoadResult. Pure. Called by run.ts.

import { DistinctBodies } from "./body-check.ts";
import { type HistogramData, LatencyHistogram, sparsePercentile } from "./latency-histogram.ts";
import type { FailureReason } from "./request-outcome.ts";
import { ODDITY_KINDS, type OddityKind } from "./response-head.ts";
import {
  type ClassCounts,
  type FailureCount,
  type LatencyByClass,
  type LimitCheck,
  LOAD_SCHEMA,
  type LoadPlan,
  type LoadResult,
  type SecondCounts,
  type SourceCounts,
} from "./result.ts";
import { countDueBefore, type Schedule } from "./schedule.ts";
import type { ClassLatencies, TallyData } from "./tally.ts";

/** The moments of a run that only its coordinator knows. */
export interface RunTimes {
  readonly startedWallMs: number;
  readonly finishedWallMs: number;
  /** From the first submission to the last outcome. */
  readonly durationMs: number;
  /** Requests were sent until this moment. */
  readonly sendingMs: number;
  readonly isInterrupted: boolean;
}

/** `tallies` are those of one run; there is at least one. */
export function summarizeRun(
  plan: LoadPlan,
  schedule: Schedule,
  tallies: readonly TallyData[],
  times: RunTimes,
): LoadResult {
  const sum = (read: (tally: TallyData) => number): number =>
    tallies.reduce((total, tally) => total + read(tally), 0);
  const byStatus = addCounts(tallies.map((tally) => tally.byStatus));
  const answered = [...byStatus.values()].reduce((total, count) => total + count, 0);
  const sources = addSources(plan, tallies);
  const classes = addClasses(sources);
  const total = classes.admitted + classes.refused + classes.failed;
  const isOpen = plan.model.kind === "open";
  const seconds = addSeconds(
    tallies,
    isOpen ? planDue(plan, schedule, times.sendingMs) : undefined,
  );
  const due = isOpen ? planDue(plan, schedule, times.sendingMs)(0, times.sendingMs) : 0;
  const perSecond = (count: number, ms: number): number => (ms > 0 ? (count * 1000) / ms : 0);
  const limit = addLimit(tallies);
  const bodies = new DistinctBodies();
  for (const tally of tallies) if (tally.bodies !== undefined) bodies.add(tally.bodies);
  return {
    schema: LOAD_SCHEMA,
    plan,
    started: new Date(times.startedWallMs).toISOString(),
    finished: new Date(times.finishedWallMs).toISOString(),
    durationMs: times.durationMs,
    interrupted: times.isInterrupted,
    total,
    ...classes,
    answered,
    abandoned: sum(({ abandoned }) => abandoned),
    retried: sum(({ retried }) => retried),
    late: sum(({ late }) => late),
    neverSent: isOpen ? Math.max(0, due - sum(({ sent }) => sent)) : 0,
    rate: {
      ...(isOpen && { intended: perSecond(due, times.sendingMs) }),
      achieved: perSecond(total, times.durationMs),
      admitted: perSecond(classes.admitted, times.durationMs),
    },
    byStatus: Object.fromEntries([...byStatus].sort(([a], [b]) => a - b)),
    oddAnswers: addOdd(tallies),
    failuresByReason: addReasons(tallies),
    bodyBytes: sum(({ bodyBytes }) => bodyBytes),
    ...(plan.checksBodies && { bodies: { distinct: bodies.distinctCount } }),
    latencyMs: summarizeClasses(tallies.map(({ latency }) => latency)),
    ...(isOpen && {
      latencyFromDueMs: summarizeClasses(tallies.flatMap(({ fromDue }) => fromDue ?? [])),
    }),
    sources,
    seconds,
    ...(limit && { limit }),
  };
}

type DueCount = (fromMs: number, toMs: number) => number;

/** How many of the plan's requests are due from one moment to another, while requests are sent. */
function planDue(plan: LoadPlan, schedule: Schedule, sendingMs: number): DueCount {
  const countBefore = (ms: number): number =>
    Math.min(countDueBefore(schedule, Math.min(ms, sendingMs)), plan.requests ?? Number.MAX_VALUE);
  return (fromMs, toMs) => countBefore(toMs) - countBefore(fromMs);
}

function addCounts<K>(maps: readonly ReadonlyMap<K, number>[]): Map<K, number> {
  const sums = new Map<K, number>();
  for (const map of maps) {
    for (const [key, count] of map) sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return sums;
}

function addClasses(parts: readonly ClassCounts[]): ClassCounts {
  const sum = (counted: keyof ClassCounts): number =>
    parts.reduce((total, part) => total + part[counted], 0);
  return { admitted: sum("admitted"), refused: sum("refused"), failed: sum("failed") };
}

function addHistograms(parts: readonly (HistogramData | undefined)[]): LatencyHistogram {
  const sum = new LatencyHistogram();
  for (const part of parts) if (part !== undefined) sum.add(part);
  return sum;
}

function summarizeClasses(parts: readonly ClassLatencies[]): LatencyByClass {
  const admitted = addHistograms(parts.map((part) => part.admitted));
  const refused = addHistograms(parts.map((part) => part.refused));
  const others = addHistograms(parts.map((part) => part.failed));
  const all = addHistograms([admitted.data, refused.data, others.data]);
  const summaries = {
    all: all.summarize(),
    admitted: admitted.summarize(),
    refused: refused.summarize(),
  };
  return Object.fromEntries(
    Object.entries(summaries).filter(([, summary]) => summary !== undefined),
  );
}

function addSources({ sources }: LoadPlan, tallies: readonly TallyData[]): SourceCounts[] {
  const addresses = sources.length === 0 ? [undefined] : sources;
  return addresses.map((address, index) => {
    const parts = tallies.map((tally) => tally.sources[index]!);
    const latencyMs = addHistograms(parts.map(({ latency }) => latency)).summarize();
    return {
      ...(address !== undefined && { address }),
      ...addClasses(parts),
      ...(latencyMs && { latencyMs }),
    };
  });
}

function addSeconds(tallies: readonly TallyData[], countDue: DueCount | undefined): SecondCounts[] {
  const secondCount = Math.max(...tallies.map(({ seconds }) => seconds.length));
  return Array.from({ length: secondCount }, (_, second) => {
    const parts = tallies.flatMap(({ seconds }) => seconds[second] ?? []);
    const latencies = parts.flatMap(({ latency }) => latency ?? []);
    const [p50Ms, p99Ms] = [sparsePercentile(latencies, 50), sparsePercentile(latencies, 99)];
    const sent = parts.reduce((total, part) => total + part.sent, 0);
    return {
      second,
      ...addClasses(parts),
      due: countDue?.(second * 1000, (second + 1) * 1000) ?? sent,
      bodyBytes: parts.reduce((total, part) => total + part.bodyBytes, 0),
      ...(p50Ms !== undefined && { p50Ms }),
      ...(p99Ms !== undefined && { p99Ms }),
    };
  });
}

function addOdd(tallies: readonly TallyData[]): LoadResult["oddAnswers"] {
  const kinds = addCounts<OddityKind>(tallies.map(({ odd }) => odd.byKind));
  return {
    count: tallies.reduce((total, { odd }) => total + odd.answers, 0),
    byKind: Object.fromEntries(
      ODDITY_KINDS.filter((kind) => kinds.has(kind)).map((kind) => [kind, kinds.get(kind)]),
    ),
  };
}

function addReasons(tallies: readonly TallyData[]): LoadResult["failuresByReason"] {
  const sums = new Map<FailureReason, FailureCount>();
  for (const [reason, { count, example }] of tallies.flatMap(({ reasons }) => [...reasons])) {
    const earlier = sums.get(reason);
    sums.set(reason, {
      count: count + (earlier?.count ?? 0),
      example: earlier?.example ?? example,
    });
  }
  return Object.fromEntries([...sums].sort(([, a], [, b]) => b.count - a.count));
}

function addLimit(tallies: readonly TallyData[]): LimitCheck | undefined {
  const parts = tallies.map(({ told }) => told);
  const sum = (field: "told" | "kept" | "broken"): number =>
    parts.reduce((total, part) => total + part[field], 0);
  const policy = parts.map((part) => part.policy).find((text) => text !== undefined);
  const told = sum("told");
  if (policy === undefined && told === 0) return undefined;
  const waits = {
    waitMsMin: Math.min(...parts.map(({ waitMsMin }) => waitMsMin)),
    waitMsMax: Math.max(...parts.map(({ waitMsMax }) => waitMsMax)),
  };
  return {
    ...(policy !== undefined && { policy }),
    told,
    kept: sum("kept"),
    broken: sum("broken"),
    ...(told > 0 && waits),
  };
}
