// Counts the outcomes of a run, one after the other. Each thread has one tally; summary.ts adds them up
// and makes the result. It uses neither clock nor network, and an outcome costs no new object.

import { type BodyDigests, DistinctBodies } from "./body-check.ts";
import { type HistogramData, LatencyHistogram, type SparseHistogram } from "./latency-histogram.ts";
import type { Failure, FailureReason } from "./request-outcome.ts";
import { countOddities, newOddCounts, type OddCounts } from "./response-head.ts";
import type { ClassCounts, FailureCount, LoadPlan } from "./result.ts";
import { newRetryAfterCounts, type RetryAfterCounts } from "./server-limit.ts";

export type CountedClass = keyof ClassCounts;

/** Latencies by class; `failed` are complete answers with other statuses. */
export type ClassLatencies = Readonly<Record<CountedClass, HistogramData>>;

export interface SourceTally extends Record<CountedClass, number> {
  readonly latency: HistogramData | undefined;
}

export interface SecondTally extends Record<CountedClass, number> {
  sent: number;
  bodyBytes: number;
  latency: SparseHistogram | undefined;
}

/** All counts, as a plain value that goes from thread to thread. */
export interface TallyData {
  readonly sent: number;
  readonly abandoned: number;
  readonly retried: number;
  readonly late: number;
  readonly bodyBytes: number;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly reasons: ReadonlyMap<FailureReason, FailureCount>;
  readonly latency: ClassLatencies;
  /** Open model only. */
  readonly fromDue: ClassLatencies | undefined;
  /** In the order of the plan's sources; one entry if there is none. */
  readonly sources: readonly SourceTally[];
  readonly seconds: readonly SecondTally[];
  readonly told: RetryAfterCounts;
  readonly odd: OddCounts;
  /** Absent when bodies are not checked. */
  readonly bodies: BodyDigests | undefined;
}

/** The facts about a complete answer. Times are in milliseconds, `elapsedMs` since the start of the run. */
export interface AnswerFacts {
  status: number;
  bodyBytes: number;
  latencyMs: number;
  latencyFromDueMs: number;
  isRetried: boolean;
  /** Bits of `oddityBit`. */
  oddities: number;
  /** The index of the source in the plan; 0 if there is none. */
  sourceIndex: number;
  elapsedMs: number;
}

/** The class of a complete answer; see result.ts. */
export function classifyStatus(status: number): CountedClass {
  if (status === 429) return "refused";
  return status >= 200 && status < 400 ? "admitted" : "failed";
}

type Latencies = Record<CountedClass, LatencyHistogram>;

interface SourceEntry extends Record<CountedClass, number> {
  readonly latency: LatencyHistogram | undefined;
}

/** The counts of one thread. */
export class LoadTally {
  readonly #latency = newLatencies();
  readonly #fromDue: Latencies | undefined;
  readonly #sources: readonly SourceEntry[];
  readonly #seconds: SecondTally[] = [];
  readonly #secondLatency = new LatencyHistogram();
  readonly #byStatus = new Map<number, number>();
  readonly #reasons = new Map<FailureReason, { count: number; example: string }>();
  readonly #odd = newOddCounts();
  readonly #bodies: DistinctBodies | undefined;
  /** Shared by the checks of all sources. */
  readonly told = newRetryAfterCounts();
  #second = 0;
  #sent = 0;
  #abandoned = 0;
  #retried = 0;
  #late = 0;
  #bodyBytes = 0;

  constructor({
    model,
    sources,
    checksBodies,
  }: Pick<LoadPlan, "model" | "sources" | "checksBodies">) {
    this.#fromDue = model.kind === "open" ? newLatencies() : undefined;
    this.#sources =
      sources.length === 0
        ? [{ ...newCounts(), latency: undefined }]
        : sources.map(() => ({ ...newCounts(), latency: new LatencyHistogram() }));
    this.#bodies = checksBodies ? new DistinctBodies() : undefined;
  }

  recordSent(elapsedMs: number, isLate: boolean): void {
    this.#sent++;
    if (isLate) this.#late++;
    this.#countsOfSecond(elapsedMs).sent++;
  }

  recordAnswer(facts: AnswerFacts): CountedClass {
    const { status, bodyBytes, latencyMs, sourceIndex, elapsedMs } = facts;
    const counted = classifyStatus(status);
    if (facts.isRetried) this.#retried++;
    if (facts.oddities !== 0) countOddities(this.#odd, facts.oddities);
    this.#bodyBytes += bodyBytes;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#latency[counted].record(latencyMs);
    this.#fromDue?.[counted].record(facts.latencyFromDueMs);
    const source = this.#sources[sourceIndex]!;
    source[counted]++;
    source.latency?.record(latencyMs);
    const second = this.#countsOfSecond(elapsedMs);
    second[counted]++;
    second.bodyBytes += bodyBytes;
    this.#secondLatency.record(latencyMs);
    return counted;
  }

  recordFailure(
    { reason, detail }: Failure,
    isRetried: boolean,
    sourceIndex: number,
    elapsedMs: number,
  ): void {
    if (isRetried) this.#retried++;
    const earlier = this.#reasons.get(reason);
    if (earlier === undefined) this.#reasons.set(reason, { count: 1, example: detail });
    else earlier.count++;
    this.#sources[sourceIndex]!.failed++;
    this.#countsOfSecond(elapsedMs).failed++;
  }

  /** Records the body of an admitted answer; without effect when bodies are not checked. */
  recordBody(urlIndex: number, digest: string): void {
    this.#bodies?.record(urlIndex, digest);
  }

  recordAbandoned(count: number): void {
    this.#abandoned += count;
  }

  /** Views of the running counts: valid until the next record, or until copied to another thread. */
  get data(): TallyData {
    this.#keepSecondLatency();
    return {
      sent: this.#sent,
      abandoned: this.#abandoned,
      retried: this.#retried,
      late: this.#late,
      bodyBytes: this.#bodyBytes,
      byStatus: this.#byStatus,
      reasons: this.#reasons,
      latency: toData(this.#latency),
      fromDue: this.#fromDue && toData(this.#fromDue),
      sources: this.#sources.map(({ latency, ...counts }) => ({
        ...counts,
        latency: latency?.data,
      })),
      seconds: this.#seconds,
      told: this.told,
      odd: this.#odd,
      bodies: this.#bodies?.digests,
    };
  }

  #countsOfSecond(elapsedMs: number): SecondTally {
    const second = Math.min(Math.max(0, Math.floor(elapsedMs / 1000)), SERIES_SECOND_COUNT_MAX - 1);
    while (this.#seconds.length <= second) this.#seconds.push(newSecond());
    // Never backwards: a moment may be read slightly before one that was recorded earlier.
    if (second > this.#second) {
      this.#keepSecondLatency();
      this.#secondLatency.clear();
      this.#second = second;
    }
    return this.#seconds[second]!;
  }

  #keepSecondLatency(): void {
    const second = this.#seconds[this.#second];
    if (second === undefined || this.#second >= PERCENTILE_SECOND_COUNT_MAX) return;
    if (this.#secondLatency.count > 0) second.latency = this.#secondLatency.toSparse();
  }
}

function newCounts(): Record<CountedClass, number> {
  return { admitted: 0, refused: 0, failed: 0 };
}

function newSecond(): SecondTally {
  return { ...newCounts(), sent: 0, bodyBytes: 0, latency: undefined };
}

function newLatencies(): Latencies {
  return {
    admitted: new LatencyHistogram(),
    refused: new LatencyHistogram(),
    failed: new LatencyHistogram(),
  };
}

function toData({ admitted, refused, failed }: Latencies): ClassLatencies {
  return { admitted: admitted.data, refused: refused.data, failed: failed.data };
}

/** One day, the longest duration that a flag accepts: the series keeps one entry a second. */
const SERIES_SECOND_COUNT_MAX = 24 * 3600;

/** For how many seconds latencies are kept for percentiles, a few hundred bytes each in each thread. */
const PERCENTILE_SECOND_COUNT_MAX = 3600;
