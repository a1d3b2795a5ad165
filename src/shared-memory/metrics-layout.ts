// What each server thread counts about itself, in shared memory: one row of Float64 a thread, and
// where each number lies in it. A row has one writer, its own thread, so nothing in it needs an atomic
// addition; the main thread reads all rows (metrics/metrics-reader.ts). A Float64 that lies on its
// boundary is written in one piece by every processor that Node runs on. Rows outlive their threads:
// a successor goes on counting where the dead one stopped.

import { assert } from "../base/assert.ts";

// Of the moment. The main thread sets them to 0 when the thread has died.
export const METRIC_REQUESTS_IN_PROGRESS = 0;
export const METRIC_CONNECTIONS_OPEN = 1;

// Ever growing.
export const METRIC_CONNECTIONS_ACCEPTED = 2;
/** Of those accepted: over the quota of their client, or more than the thread may hold. */
export const METRIC_CONNECTIONS_REJECTED = 3;
/** Bytes of bodies, as they were handed to the kernel. */
export const METRIC_BODY_BYTES = 4;
/** Requests that the limit refused, with 429 or 503. */
export const METRIC_REFUSED = 5;
export const METRIC_HITS = 6;
/** Answers about a file that were at hand (files/hot-files.ts). */
export const METRIC_HOT_FILE_HITS = 7;
/** Milliseconds from a request's whole head to the last byte of its answer, of all answers together. */
export const METRIC_DURATION_SUM_MS = 8;
export const METRIC_CPU_SECONDS = 9;
/** How late the thread came to what was due: how often that was measured, and all delays together. */
export const METRIC_LOOP_DELAY_COUNT = 10;
export const METRIC_LOOP_DELAY_SUM_MS = 11;

// Of the last second, written once a second.
export const METRIC_LOOP_DELAY_P50_MS = 12;
export const METRIC_LOOP_DELAY_P99_MS = 13;

// Ever growing, of the store that servers share.
/** Commands that it answered. */
export const METRIC_STORE_ANSWERS = 14;
/** Commands that failed: refused, or without an answer in time. */
export const METRIC_STORE_FAILURES = 15;

/** The methods that are told apart, in their order below. */
export const METRIC_METHODS = ["GET", "HEAD", "OPTIONS", "other"] as const;
/** The classes of statuses, in their order below; no answer has one below 200. */
export const METRIC_STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;
const METRIC_REQUESTS = 16;

/** Answers by method and status class, ever growing: indices as in METRIC_METHODS and …_CLASSES. */
export function metricOfRequests(methodIndex: number, classIndex: number): number {
  return METRIC_REQUESTS + methodIndex * METRIC_STATUS_CLASSES.length + classIndex;
}

const METRIC_LATENCY_BUCKETS = 32;
/** Twenty to a power of ten, from 10 µs to 100 s, and one for what took longer. */
export const LATENCY_BUCKETS_PER_DECADE = 20;
export const LATENCY_DECADE_COUNT = 7;
export const LATENCY_BUCKET_COUNT = LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT + 1;

/** Answers by their duration, ever growing, one number for each bucket (metrics/latency-buckets.ts). */
export function metricOfLatency(bucket: number): number {
  return METRIC_LATENCY_BUCKETS + bucket;
}

/** From a command's sending to its answer, of those that were answered, all together. */
export const METRIC_STORE_ROUND_TRIP_SUM_MS = METRIC_LATENCY_BUCKETS + LATENCY_BUCKET_COUNT;

/** Bytes of answers that clients have not taken; of the moment, and set to 0 as those above are. */
export const METRIC_UNREAD_BYTES = METRIC_STORE_ROUND_TRIP_SUM_MS + 1;
/** How many there may be. */
export const METRIC_UNREAD_BYTES_MAX = METRIC_UNREAD_BYTES + 1;
/** Connections that were ended because there were more, ever growing. */
export const METRIC_UNREAD_ENDED = METRIC_UNREAD_BYTES + 2;
/** Of the requests that the limit refused: those it could not judge, answered with 503; ever growing. */
export const METRIC_REFUSED_UNKNOWN = METRIC_UNREAD_BYTES + 3;

/** Numbers of one row; a multiple of 16, so that no two threads write to the same cache lines. */
export const METRICS_ROW_LENGTH = Math.ceil((METRIC_REFUSED_UNKNOWN + 1) / 16) * 16;

assert(
  METRIC_REQUESTS + METRIC_METHODS.length * METRIC_STATUS_CLASSES.length <= METRIC_LATENCY_BUCKETS,
  "the requests lie before the latencies",
);

/** Bytes of the rows of so many threads. */
export function metricsBytes(threadCount: number): number {
  return threadCount * METRICS_ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT;
}

/** The row of a thread, by its index (1 and up). */
export function metricsRow(memory: SharedArrayBuffer, threadIndex: number): Float64Array {
  return new Float64Array(memory, metricsBytes(threadIndex - 1), METRICS_ROW_LENGTH);
}
