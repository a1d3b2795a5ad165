// Counts the outcomes of a run, one after the other, into a LoadResult. Touches neither clock nor
// network. Used by load-run.ts.

import { Sample } from "../stats/sample.ts";
import { seriesSecondCountMax } from "./load-limits.ts";
import type { ClassCounts, LoadPlan, LoadResult, SourceCounts } from "./load-result.ts";
import type { Answer, Failure, FailureReason, RequestOutcome } from "./request-outcome.ts";

type CountedClass = keyof ClassCounts;
type MutableCounts = Record<CountedClass, number>;

/** The moments of a run that only its coordinator knows. */
export interface RunTimes {
  readonly startedWallMs: number;
  readonly finishedWallMs: number;
  readonly durationMs: number;
}

/** The class of a complete answer; see load-result.ts. */
export function classifyStatus(status: number): CountedClass {
  if (status === 429) return "refused";
  return status >= 200 && status < 400 ? "admitted" : "failed";
}

export class LoadTally {
  readonly #plan: LoadPlan;
  readonly #totals = newCounts();
  readonly #sources: (MutableCounts & { address?: string })[];
  readonly #seconds: MutableCounts[] = [];
  readonly #byStatus = new Map<number, number>();
  readonly #reasons = new Map<FailureReason, { count: number; example: string }>();
  readonly #latency = { all: new Sample(), admitted: new Sample(), refused: new Sample() };
  #answered = 0;
  #abandoned = 0;
  #retried = 0;
  #late = 0;
  #bodyBytes = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#sources =
      plan.sources.length === 0
        ? [newCounts()]
        : plan.sources.map((address) => ({ address, ...newCounts() }));
  }

  /** `sourceIndex` counts in the plan's sources; `elapsedMs` since the start of the run. */
  record(outcome: RequestOutcome, sourceIndex: number, elapsedMs: number): void {
    if (outcome.kind === "abandoned") {
      this.#abandoned++;
      return;
    }
    if (outcome.retried) this.#retried++;
    const counted =
      outcome.kind === "answered" ? this.#recordAnswer(outcome) : this.#recordFailure(outcome);
    this.#totals[counted]++;
    this.#sources[sourceIndex]![counted]++;
    this.#countsOfSecond(elapsedMs)[counted]++;
  }

  recordLate(): void {
    this.#late++;
  }

  summarize(times: RunTimes): LoadResult {
    const { admitted, refused, failed } = this.#totals;
    const total = admitted + refused + failed;
    return {
      plan: this.#plan,
      started: new Date(times.startedWallMs).toISOString(),
      finished: new Date(times.finishedWallMs).toISOString(),
      durationMs: times.durationMs,
      interrupted: total < this.#plan.requests,
      total,
      admitted,
      refused,
      failed,
      answered: this.#answered,
      abandoned: this.#abandoned,
      retried: this.#retried,
      late: this.#late,
      byStatus: Object.fromEntries([...this.#byStatus].sort(([a], [b]) => a - b)),
      failuresByReason: Object.fromEntries(
        [...this.#reasons].sort(([, a], [, b]) => b.count - a.count),
      ),
      bodyBytes: this.#bodyBytes,
      latencyMs: this.#summarizeLatency(),
      sources: this.#sources.map((counts): SourceCounts => ({ ...counts })),
      seconds: this.#seconds.map((counts, second) => ({ second, ...counts })),
    };
  }

  #recordAnswer({ status, bodyBytes, latencyMs }: Answer): CountedClass {
    const counted = classifyStatus(status);
    this.#answered++;
    this.#bodyBytes += bodyBytes;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#latency.all.record(latencyMs);
    if (counted !== "failed") this.#latency[counted].record(latencyMs);
    return counted;
  }

  #recordFailure({ reason, detail }: Failure): CountedClass {
    const earlier = this.#reasons.get(reason);
    if (earlier === undefined) this.#reasons.set(reason, { count: 1, example: detail });
    else earlier.count++;
    return "failed";
  }

  #countsOfSecond(elapsedMs: number): MutableCounts {
    const second = Math.min(Math.floor(elapsedMs / 1000), seriesSecondCountMax - 1);
    while (this.#seconds.length <= second) this.#seconds.push(newCounts());
    return this.#seconds[second]!;
  }

  #summarizeLatency(): LoadResult["latencyMs"] {
    const all = this.#latency.all.summarize();
    const admitted = this.#latency.admitted.summarize();
    const refused = this.#latency.refused.summarize();
    return { ...(all && { all }), ...(admitted && { admitted }), ...(refused && { refused }) };
  }
}

function newCounts(): MutableCounts {
  return { admitted: 0, refused: 0, failed: 0 };
}
