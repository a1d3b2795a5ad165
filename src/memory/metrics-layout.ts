// The numbers that each server thread counts about itself, in shared memory: one row of Float64 for each
// thread, and where each number lies in it. A row has one writer, its own thread, so nothing in it needs an atomic
// addition; the main thread reads all rows (metrics/thread-metrics.ts). A Float64 that lies on its
// boundary is written in one piece by every processor that Node runs on. Rows outlive their threads:
// a successor goes on counting where the dead one stopped.

import { assert } from "../base/assert.ts";

/**
 * Where each number lies that is one of its kind. A new one takes the next place here, its addition in
 * metrics/thread-metrics.ts, and its row in admin/metric-families.ts, which gives it its public name.
 */
export const METRIC = Object.freeze({
  // Of the moment: see METRICS_OF_THE_MOMENT.
  requestsInProgress: 0,
  connectionsOpen: 1,
  /** Bytes of answers that clients have not taken. */
  unreadBytes: 2,
  /** How many there may be. */
  unreadBytesMax: 3,

  // Of the last second, written once a second.
  loopDelayP50Ms: 4,
  loopDelayP99Ms: 5,

  // Ever growing.
  connectionsAccepted: 6,
  /** Of those accepted: over the quota of their client, or more than the thread may hold. */
  connectionsRejected: 7,
  /** Bytes of bodies, as they were handed to the kernel. */
  bodyBytes: 8,
  /** Requests that the limit refused. */
  refused: 9,
  /** Of those: requests that the limit could not judge, answered with 503. */
  refusedUnknown: 10,
  hits: 11,
  /** Answers about a file that were at hand (site/file/response-cache.ts). */
  hotFileHits: 12,
  /** Milliseconds from a request's whole head to the last byte of its answer, of all answers together. */
  durationSumMs: 13,
  cpuSeconds: 14,
  /** How late the thread came to what was due: how often that was measured, and all delays together. */
  loopDelayCount: 15,
  loopDelaySumMs: 16,
  /** Commands that the store of several servers answered. */
  storeAnswers: 17,
  /** Commands that failed: refused, or without an answer in time. */
  storeFailures: 18,
  /** From a command's sending to its answer, of those that were answered, all together. */
  storeRoundTripSumMs: 19,
  /** Connections that were ended because clients had taken too little of their answers. */
  unreadEnded: 20,
});

/** What the main thread sets to 0 when the thread has died. */
export const METRICS_OF_THE_MOMENT: readonly number[] = [
  METRIC.requestsInProgress,
  METRIC.connectionsOpen,
  METRIC.unreadBytes,
];

/** The methods that are told apart, in their order below. */
export const METRIC_METHODS = ["GET", "HEAD", "OPTIONS", "other"] as const;
/** The classes of statuses, in their order below; no answer has one below 200. */
export const METRIC_STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;
const REQUESTS = Object.keys(METRIC).length;

/** Answers by method and status class, ever growing: indices as in METRIC_METHODS and …_CLASSES. */
export function metricOfRequests(methodIndex: number, classIndex: number): number {
  return REQUESTS + methodIndex * METRIC_STATUS_CLASSES.length + classIndex;
}

const LATENCY_BUCKETS = REQUESTS + METRIC_METHODS.length * METRIC_STATUS_CLASSES.length;
/** Twenty to a power of ten, from 10 µs to 100 s, and one for what took longer. */
export const LATENCY_BUCKETS_PER_DECADE = 20;
export const LATENCY_DECADE_COUNT = 7;
export const LATENCY_BUCKET_COUNT = LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT + 1;

/** Answers by their duration, ever growing, one number for each bucket (metrics/thread-metrics.ts). */
export function metricOfLatency(bucket: number): number {
  return LATENCY_BUCKETS + bucket;
}

/** Numbers of one row; a multiple of 16, so that no two threads write to the same cache lines. */
export const METRICS_ROW_LENGTH = Math.ceil((LATENCY_BUCKETS + LATENCY_BUCKET_COUNT) / 16) * 16;

assert(
  Object.values(METRIC).every((place, index) => place === index),
  "the places are counted from 0, without a gap and in order",
);

/** Bytes of the rows of so many threads. */
export function metricsBytes(threadCount: number): number {
  return threadCount * METRICS_ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT;
}

/** The row of a thread, by its index (1 and up). */
export function metricsRow(memory: SharedArrayBuffer, threadIndex: number): Float64Array {
  return new Float64Array(memory, metricsBytes(threadIndex - 1), METRICS_ROW_LENGTH);
}
