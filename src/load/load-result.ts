// The result of a load run: a plain value that goes into JSON as it is. Written by the tally, read
// by src/report and by whoever compares two runs.
//
// Every finished request is exactly one of
//   admitted   a complete answer with a status of 2xx or 3xx
//   refused    a complete answer with status 429: the server's limit, not an error
//   failed     any other status, or no complete answer at all

import type { Distribution } from "../stats/percentiles.ts";
import type { FailureReason } from "./request-outcome.ts";
import type { LoadMethod } from "./response-head.ts";

export interface ClassCounts {
  readonly admitted: number;
  readonly refused: number;
  readonly failed: number;
}

export interface SourceCounts extends ClassCounts {
  /** The local address; absent where the system chose it. */
  readonly address?: string;
}

export interface SecondCounts extends ClassCounts {
  /** Requests that finished from this second of the run to the next; the first is 0. */
  readonly second: number;
}

export interface FailureCount {
  readonly count: number;
  /** What the first of them said. */
  readonly example: string;
}

/** What was asked of the run. */
export interface LoadPlan {
  readonly method: LoadMethod;
  readonly url: string;
  readonly requests: number;
  readonly connections: number;
  readonly keepAlive: boolean;
  readonly delayMs: number;
  readonly timeoutMs: number;
  readonly sources: readonly string[];
}

export interface LoadResult extends ClassCounts {
  readonly plan: LoadPlan;
  /** ISO 8601, wall clock. */
  readonly started: string;
  readonly finished: string;
  /** From the first submission to the last outcome, monotonic clock. */
  readonly durationMs: number;
  /** Stopped before all requests of the plan were done. */
  readonly interrupted: boolean;
  /** Finished requests: admitted + refused + failed. */
  readonly total: number;
  /** Requests that got a complete answer, of any status. */
  readonly answered: number;
  /** Requests on their way when the run was stopped; not in `total`. */
  readonly abandoned: number;
  /** Sent a second time, because the server had closed the kept connection. */
  readonly retried: number;
  /** Started later than the one after it was due, as no connection was free. */
  readonly late: number;
  /** Complete answers by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests without a complete answer. */
  readonly failuresByReason: Readonly<Partial<Record<FailureReason, FailureCount>>>;
  /** Of all complete bodies. */
  readonly bodyBytes: number;
  /** Of complete answers, in milliseconds; absent where there was none of the class. */
  readonly latencyMs: {
    readonly all?: Distribution;
    readonly admitted?: Distribution;
    readonly refused?: Distribution;
  };
  /** In the order given; one entry without an address when none was. */
  readonly sources: readonly SourceCounts[];
  /** Without gaps, from the first second to the last. */
  readonly seconds: readonly SecondCounts[];
}
