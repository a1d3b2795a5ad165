// The plan and the result of a load run: plain values that become JSON as they are. summary.ts makes the
// result; the reports and the comparison read it.
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

/** A part of the schedule with one rate; an undefined `durationMs` means without an end. */
export interface LoadStage {
  readonly durationMs: number | undefined;
  readonly ratePerSecond: number;
}

/**
 * Closed: each connection sends when it has its answer. Open: one schedule over all connections and
 * threads; a request is due whether or not a connection is free.
 */
export type LoadModel =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly stages: readonly LoadStage[] };

/** The settings of a run. */
export interface LoadPlan {
  readonly method: LoadMethod;
  /** At least one; the requests take them in turn. */
  readonly urls: readonly string[];
  readonly model: LoadModel;
  /** How many requests to send at most; undefined means no bound. */
  readonly requests: number | undefined;
  /** How long to send at most, after the warm-up; undefined means no bound. */
  readonly durationMs: number | undefined;
  readonly connections: number;
  readonly threads: number;
  /** How many requests may be on their way on one connection. */
  readonly pipelining: number;
  readonly keepAlive: boolean;
  /** Closed model: time between the starts of two requests. */
  readonly delayMs: number;
  /** Time before the run in which requests are not counted. */
  readonly warmUpMs: number;
  readonly timeoutMs: number;
  /** Waits as the server's limit says. */
  readonly polite: boolean;
  readonly checksBodies: boolean;
  /** Local addresses; empty when the system chooses. */
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

/** In milliseconds; a bucket is at most 1/64 as wide as its lower end. */
export interface LatencySummary extends Distribution {
  /** Ascending, without empty ones. */
  readonly buckets: readonly LatencyBucket[];
}

/** A class without an answer is absent. */
export interface LatencyByClass {
  readonly all?: LatencySummary;
  readonly admitted?: LatencySummary;
  readonly refused?: LatencySummary;
}

/** Requests that finished in one second of the run. */
export interface SecondCounts extends ClassCounts {
  /** The first is 0. */
  readonly second: number;
  /** Requests that were due in this second; in the closed model those that were sent. */
  readonly due: number;
  readonly bodyBytes: number;
  /** Latency of the answers, from sending; absent without an answer, and after the first hour. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface SourceCounts extends ClassCounts {
  /** The local address; absent when the system chose it. */
  readonly address?: string;
  /** Latency of all answers; absent without an answer, and when no address was given. */
  readonly latencyMs?: LatencySummary;
}

export interface FailureCount {
  readonly count: number;
  /** The text of the first of them. */
  readonly example: string;
}

/** What the server said about its limit, and whether it kept its word. */
export interface LimitCheck {
  /** The first RateLimit-Policy that was seen, if any. */
  readonly policy?: string;
  /** Refusals that said how long to wait: exactly in RateLimit, or in Retry-After. */
  readonly told: number;
  /** Those after which the same source waited at least that long, asked again, and was admitted. */
  readonly kept: number;
  /** Those after which it was refused again, although no other request of that source was on its way. */
  readonly broken: number;
  /** The shortest and the longest wait that the server asked for; absent when it asked for none. */
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
  /** Requests sent a second time, because the server had closed the kept connection. */
  readonly retried: number;
  /** Requests sent later than due, because no connection was free or the client was behind. */
  readonly late: number;
  /** Open model: requests that were due but not sent when the run ended. */
  readonly neverSent: number;
  /** Requests a second. */
  readonly rate: {
    /** Open model: requests due during the run. */
    readonly intended?: number;
    /** Finished. */
    readonly achieved: number;
    readonly admitted: number;
  };
  /** Complete answers by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Answers that break RFC 9112 and still can be read in one way only. */
  readonly oddAnswers: {
    readonly count: number;
    /** One answer may be odd in several ways. */
    readonly byKind: Readonly<Partial<Record<OddityKind, number>>>;
  };
  /** Requests without a complete answer, the most frequent reason first. */
  readonly failuresByReason: Readonly<Partial<Record<FailureReason, FailureCount>>>;
  /** Bytes of all complete bodies. */
  readonly bodyBytes: number;
  /** With `checksBodies`: the most different bodies of one URL; 1 when all were equal. */
  readonly bodies?: { readonly distinct: number };
  /** Latency of complete answers, from the moment of sending to the last byte. */
  readonly latencyMs: LatencyByClass;
  /** From the moment at which the request was due; open model only. */
  readonly latencyFromDueMs?: LatencyByClass;
  /** In the order given; one entry without an address when none was. */
  readonly sources: readonly SourceCounts[];
  /** Without gaps, from the first second to the last. */
  readonly seconds: readonly SecondCounts[];
  /** Absent when the server said nothing about a limit. */
  readonly limit?: LimitCheck;
}
