// The numbers that each server thread counts about itself, in shared memory: one row of Float64 for each
// thread, and the place of each number in it. Only its own thread writes a row, so no addition has to be
// atomic; the main thread reads all rows (metrics/thread-metrics.ts). Every processor that Node runs on
// writes an aligned Float64 in one piece. Rows outlive their threads: a successor counts on where the dead
// thread stopped.

import { assert } from "../base/assert.ts";

/**
 * The places of the single numbers. A new metric needs the next place here, an addition in
 * metrics/thread-metrics.ts, and a row in admin/metric-families.ts, which gives it its public name.
 */
export const METRIC = Object.freeze({
  // About this moment: see METRICS_OF_THE_MOMENT.
  requestsInProgress: 0,
  connectionsOpen: 1,
  /** Bytes of answers that clients have not taken. */
  unreadBytes: 2,
  /** The most that there may be. */
  unreadBytesMax: 3,

  // About the last second, written once a second.
  loopDelayP50Ms: 4,
  loopDelayP99Ms: 5,

  // Only growing.
  connectionsAccepted: 6,
  /** Accepted connections that were turned away: their client had too many, or the thread did. */
  connectionsRejected: 7,
  /** Bytes of bodies that were handed to the kernel. */
  bodyBytes: 8,
  /** Requests that the limit refused. */
  refused: 9,
  /** Refused requests about which the limiter could not decide. They are answered with 503. */
  refusedUnknown: 10,
  hits: 11,
  /** Answers that came from the response cache (site/file/response-cache.ts). */
  responseCacheHits: 12,
  /** The sum over all answers of the ms from the end of the request's head to the last byte of the answer. */
  durationSumMs: 13,
  cpuSeconds: 14,
  /** How late the event loop was: the number of measurements, and the sum of all delays. */
  loopDelayCount: 15,
  loopDelaySumMs: 16,
  /** Commands that the store of the fleet answered. */
  storeAnswers: 17,
  /** Commands that the store refused or did not answer in time. */
  storeFailures: 18,
  /** The sum over the answered commands of the ms from sending one to its answer. */
  storeRoundTripSumMs: 19,
  /** Connections that were ended because their clients had taken too little of their answers. */
  unreadEnded: 20,
});

/** The numbers that the main thread sets to 0 when the thread has died. */
export const METRICS_OF_THE_MOMENT: readonly number[] = [
  METRIC.requestsInProgress,
  METRIC.connectionsOpen,
  METRIC.unreadBytes,
];

/** The methods that have counts of their own, in the order of those counts. */
export const METRIC_METHODS = ["GET", "HEAD", "OPTIONS", "other"] as const;
/** The classes of statuses, in the order of their counts. No answer has a status below 200. */
export const METRIC_STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;
const REQUESTS = Object.keys(METRIC).length;

/** The place of the answers with one method and status class: indices into METRIC_METHODS and METRIC_STATUS_CLASSES. */
export function metricOfRequests(methodIndex: number, classIndex: number): number {
  return REQUESTS + methodIndex * METRIC_STATUS_CLASSES.length + classIndex;
}

const LATENCY_BUCKETS = REQUESTS + METRIC_METHODS.length * METRIC_STATUS_CLASSES.length;
/** Twenty buckets for each power of ten, from 10 µs to 100 s, and one for longer durations. */
export const LATENCY_BUCKETS_PER_DECADE = 20;
export const LATENCY_DECADE_COUNT = 7;
export const LATENCY_BUCKET_COUNT = LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT + 1;

/** The place of the answers with a duration in that bucket (metrics/thread-metrics.ts). */
export function metricOfLatency(bucket: number): number {
  return LATENCY_BUCKETS + bucket;
}

/** The length of a row: a multiple of 16, so that no two threads write to the same cache line. */
export const METRICS_ROW_LENGTH = Math.ceil((LATENCY_BUCKETS + LATENCY_BUCKET_COUNT) / 16) * 16;

assert(
  Object.values(METRIC).every((place, index) => place === index),
  "the places are counted from 0, without a gap and in order",
);

/** Bytes of the rows of `threadCount` threads. */
export function metricsBytes(threadCount: number): number {
  return threadCount * METRICS_ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT;
}

/** The row of a thread, by its index (1 and up). */
export function metricsRow(memory: SharedArrayBuffer, threadIndex: number): Float64Array {
  return new Float64Array(memory, metricsBytes(threadIndex - 1), METRICS_ROW_LENGTH);
}
