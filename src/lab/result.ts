// The results of the lab: plain values that become JSON as they are. The experiments write them,
// lab/report shows them. Times are in milliseconds of the monotonic clock.

export const EXPERIMENT_NAMES = ["concurrency", "counter", "limit"] as const;

export type ExperimentName = (typeof EXPERIMENT_NAMES)[number];

/** One form of the server under requests that all come at once. */
export interface FormRun {
  readonly form: "one at a time" | "concurrent";
  readonly workers: number;
  readonly requests: number;
  /** Complete answers with a status of 2xx or 3xx. */
  readonly successful: number;
  /** From the first submission to the last answer. */
  readonly totalMs: number;
  readonly theoryMs: number;
  readonly successfulPerSecond: number;
}

export interface ConcurrencyResult {
  readonly name: "concurrency";
  /** Simulated work of the server for each request. */
  readonly workMs: number;
  /** How much longer than in theory a run may take: this time, plus this share of the theory. */
  readonly slackMs: number;
  readonly slackShare: number;
  /** Each form with each number of requests, ascending; first the form that answers one at a time. */
  readonly forms: readonly FormRun[];
  readonly checks: readonly Check[];
}

/** One way of counting under many threads. */
export interface CounterRun {
  readonly form: "plain read and write" | "Atomics.add" | "weir's hits over HTTP";
  readonly threads: number;
  readonly additions: number;
  readonly counted: number;
  /** additions - counted. */
  readonly lost: number;
}

export interface CounterResult {
  readonly name: "counter";
  /** Connections over which the hits came. */
  readonly connections: number;
  /** Each form with more and more threads, first the plain form; the hits come last. */
  readonly runs: readonly CounterRun[];
  readonly checks: readonly Check[];
}

/** What happened to a series of requests. */
export interface LimitCounts {
  readonly sent: number;
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
  readonly durationMs: number;
}

/** A series of one client's requests, and how an exact window treats it. */
export interface LimitSeries extends LimitCounts {
  /** From one request to the next; 0 when all come at once. */
  readonly gapMs: number;
  /** How many of them are admitted in theory. */
  readonly theoryAdmitted: number;
}

/** One of several clients that run at the same time. */
export interface ContestClient extends LimitCounts {
  readonly role: "spamming" | "polite";
  readonly address: string;
  readonly connections: number;
  /** How long the client waits after an answer before it sends again. */
  readonly gapMs: number;
  readonly admittedPerSecond: number;
  readonly refusedPerSecond: number;
  /** See `countAdmittedWithin` in limit-clients.ts. */
  readonly admittedWithinWindowMax: number;
}

export type Contest =
  | { readonly kind: "measured"; readonly clients: readonly ContestClient[] }
  /** `reason` is a whole line for a person. */
  | { readonly kind: "skipped"; readonly reason: string };

export interface LimitResult {
  readonly name: "limit";
  /** Requests admitted in any window. */
  readonly limit: number;
  readonly windowMs: number;
  /** `admittedMax` is the limit; when the burst took longer than a window, once for each window that began. */
  readonly burst: LimitSeries & { readonly admittedMax: number };
  readonly spaced: LimitSeries;
  /** At the edge of the limit: just below and just above its rate. */
  readonly under: LimitSeries;
  readonly over: LimitSeries;
  readonly contest: Contest;
  readonly checks: readonly Check[];
}

export type ExperimentResult = ConcurrencyResult | CounterResult | LimitResult;

export interface LabResult {
  readonly machine: {
    readonly cores: number;
    readonly platform: string;
    readonly node: string;
  };
  /** ISO 8601, wall clock. */
  readonly started: string;
  readonly finished: string;
  /** In the order in which they ran. */
  readonly experiments: readonly ExperimentResult[];
}

/** What theory allows, both ends included; without a bound that end is open. */
export interface Bounds {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Check extends Bounds {
  /** What was measured, with its unit: `concurrent, total ms`. */
  readonly what: string;
  readonly measured: number;
  readonly holds: boolean;
}

/** Compares a measured number with theory. A check that does not hold makes `weir lab` exit 1. */
export function checkBounds(what: string, measured: number, bounds: Bounds): Check {
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bounds;
  return { what, measured, ...bounds, holds: measured >= atLeast && measured <= atMost };
}

/** Theory allows exactly one number. */
export function checkEqual(what: string, measured: number, expected: number): Check {
  return checkBounds(what, measured, { atLeast: expected, atMost: expected });
}
