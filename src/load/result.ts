// The result of a load run: a plain value that goes into JSON as it is. Written by the tally, read
// by src/report, src/stats and by whoever compares two runs.
//
// Every finished request is exactly one of
//   admitted   a complete answer with a status of 2xx or 3xx
//   refused    a complete answer with status 429: the server's limit, not an error
//   failed     any other status, or no complete answer at all

import type { FailureReason } from "./request-outcome.ts";
import type { LoadMethod, OddityKind } from "./response-head.ts";
import type { Distribution } from "./statistics.ts";

export const LOAD_SCHEMA = "weir-load/1";

export interface ClassCounts {
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
}

/** So long, so many requests a second; without an end where `durationMs` is undefined. */
export interface LoadStage {
  readonly durationMs: number | undefined;
  readonly ratePerSecond: number;
}

/**
 * Closed: each connection sends when it is answered. Open: a schedule in total, over all connections
 * and threads; a request is due whether or not a connection is free.
 */
export type LoadModel =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly stages: readonly LoadStage[] };

/** What was asked of the run. */
export interface LoadPlan {
  readonly method: LoadMethod;
  /** At least one; taken in turn. */
  readonly urls: readonly string[];
  readonly model: LoadModel;
  /** How many requests to send at most; no bound where it is undefined. */
  readonly requests: number | undefined;
  /** How long to send at most, after the warm-up; no bound where it is undefined. */
  readonly durationMs: number | undefined;
  readonly connections: number;
  readonly threads: number;
  /** Requests on their way on one connection at most. */
  readonly pipelining: number;
  readonly keepAlive: boolean;
  /** Closed model: between the starts of two submissions. */
  readonly delayMs: number;
  /** Before the run, not counted. */
  readonly warmUpMs: number;
  readonly timeoutMs: number;
  /** Waits as the server's limit tells it to. */
  readonly polite: boolean;
  readonly checksBodies: boolean;
  /** Local addresses; empty where the system chooses. */
  readonly sources: readonly string[];
  /** Added field lines, `Name: value`. */
  readonly headers: readonly string[];
}

/** Latencies from `fromMs` up to, not including, `toMs`. */
export interface LatencyBucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** In milliseconds; each bucket's width is at most 1/64 of where it begins. */
export interface LatencySummary extends Distribution {
  /** Ascending, empty ones left out. */
  readonly buckets: readonly LatencyBucket[];
}

/** Each absent where there was no answer of the class. */
export interface LatencyByClass {
  readonly all?: LatencySummary;
  readonly admitted?: LatencySummary;
  readonly refused?: LatencySummary;
}

/** Requests that finished from this second of the run to the next. */
export interface SecondCounts extends ClassCounts {
  /** The first is 0. */
  readonly second: number;
  /** Requests due in this second by the schedule; in the closed model those that were sent. */
  readonly due: number;
  readonly bodyBytes: number;
  /** Of the answers, from sending; absent where there was none, and after the first hour. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface SourceCounts extends ClassCounts {
  /** The local address; absent where the system chose it. */
  readonly address?: string;
  /** Of all answers; absent where there was none, or no address was given. */
  readonly latencyMs?: LatencySummary;
}

export interface FailureCount {
  readonly count: number;
  /** What the first of them said. */
  readonly example: string;
}

/** What the server said about its limit, and whether it kept its word. */
export interface LimitCheck {
  /** RateLimit-Policy as first seen, if any. */
  readonly policy?: string;
  /** Refusals that told a time: exactly in RateLimit, or in Retry-After. */
  readonly told: number;
  /** Of those, after which the same source asked again, no sooner than told, and was admitted. */
  readonly kept: number;
  /** And was refused again, though nothing else of that source was on its way. */
  readonly broken: number;
  /** Fewest and most milliseconds told; absent where none was. */
  readonly waitMsMin?: number;
  readonly waitMsMax?: number;
}

export interface LoadResult extends ClassCounts {
  readonly schema: typeof LOAD_SCHEMA;
  readonly plan: LoadPlan;
  /** ISO 8601, wall clock. */
  readonly started: string;
  readonly finished: string;
  /** From the first submission to the last outcome, monotonic clock; without the warm-up. */
  readonly durationMs: number;
  /** Stopped by a signal before the plan was done. */
  readonly interrupted: boolean;
  /** Finished requests: admitted + refused + failed. */
  readonly total: number;
  /** Requests that got a complete answer, of any status. */
  readonly answered: number;
  /** Requests on their way when the run ended; not in `total`. */
  readonly abandoned: number;
  /** Sent a second time, because the server had closed the kept connection. */
  readonly retried: number;
  /** Sent later than due, because no connection was free or the client was behind. */
  readonly late: number;
  /** Open model: due and not sent when the run ended. */
  readonly neverSent: number;
  /** Requests a second. */
  readonly rate: {
    /** Open model: due in the time of the run. */
    readonly intended?: number;
    /** Finished. */
    readonly achieved: number;
    readonly admitted: number;
  };
  /** Complete answers by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Answers that are not as RFC 9112 wants them, and still could be read in one way only. */
  readonly oddAnswers: {
    readonly count: number;
    /** An answer may be odd in several ways. */
    readonly byKind: Readonly<Partial<Record<OddityKind, number>>>;
  };
  /** Requests without a complete answer, the most frequent reason first. */
  readonly failuresByReason: Readonly<Partial<Record<FailureReason, FailureCount>>>;
  /** Of all complete bodies. */
  readonly bodyBytes: number;
  /** With `checksBodies`: different contents of one URL, at most; 1 where all were equal. */
  readonly bodies?: { readonly distinct: number };
  /** Of complete answers, from the moment of sending to the last byte. */
  readonly latencyMs: LatencyByClass;
  /** From the moment when the request was due; open model only. */
  readonly latencyFromDueMs?: LatencyByClass;
  /** In the order given; one entry without an address when none was. */
  readonly sources: readonly SourceCounts[];
  /** Without gaps, from the first second to the last. */
  readonly seconds: readonly SecondCounts[];
  /** Absent where the server said nothing about a limit. */
  readonly limit?: LimitCheck;
}
