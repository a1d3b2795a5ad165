// The metrics of server threads. Each thread counts into its own row of shared memory, and the main thread
// reads all rows. To count is a plain addition of a few nanoseconds, without a message or a lock, because
// it happens with each request and connection.

import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  LATENCY_BUCKET_COUNT,
  LATENCY_BUCKETS_PER_DECADE,
  LATENCY_DECADE_COUNT,
  METRIC,
  METRIC_METHODS,
  METRIC_STATUS_CLASSES,
  METRICS_OF_THE_MOMENT,
  METRICS_ROW_LENGTH,
  metricOfLatency,
  metricOfRequests,
  metricsRow,
} from "../memory/metrics-layout.ts";

const CLASS_COUNT = METRIC_STATUS_CLASSES.length;

/** "unknown": the limiter could not tell, because the store of the fleet is gone. */
export type LimitRefusal = "refused" | "unknown";

export class ThreadMetrics {
  readonly #row: Float64Array;

  /** @param threadIndex 1 and up */
  constructor(memory: SharedArrayBuffer, threadIndex: number) {
    this.#row = metricsRow(memory, threadIndex);
  }

  requestBegan(): void {
    this.#row[METRIC.requestsInProgress]!++;
  }

  /** To be called once for each request that began. */
  requestEnded(): void {
    this.#row[METRIC.requestsInProgress]!--;
  }

  /**
   * An answer has left, or its connection has ended before.
   * @param method undefined when the request could not be read
   * @param refusal the reason, if the limit refused the request
   */
  answered(
    method: string | undefined,
    status: number,
    refusal: LimitRefusal | undefined,
    bodyBytes: number,
    durationMs: number,
  ): void {
    const row = this.#row;
    row[metricOfRequests(methodIndexOf(method), statusClassIndexOf(status))]!++;
    if (refusal !== undefined) row[METRIC.refused]!++;
    if (refusal === "unknown") row[METRIC.refusedUnknown]!++;
    row[METRIC.bodyBytes]! += bodyBytes;
    row[METRIC.durationSumMs]! += durationMs;
    row[metricOfLatency(latencyBucketOf(durationMs))]!++;
  }

  hit(): void {
    this.#row[METRIC.hits]!++;
  }

  responseCacheHit(): void {
    this.#row[METRIC.responseCacheHits]!++;
  }

  /** The store of the fleet has answered a command. */
  storeAnswered(roundTripMs: number): void {
    this.#row[METRIC.storeAnswers]!++;
    this.#row[METRIC.storeRoundTripSumMs]! += roundTripMs;
  }

  storeFailed(): void {
    this.#row[METRIC.storeFailures]!++;
  }

  connectionOpened(): void {
    this.#row[METRIC.connectionsAccepted]!++;
    this.#row[METRIC.connectionsOpen]!++;
  }

  connectionClosed(): void {
    this.#row[METRIC.connectionsOpen]!--;
  }

  /** How much the thread holds, and may hold, of answers that clients have not taken. */
  setUnread(bytes: number, bytesMax: number): void {
    this.#row[METRIC.unreadBytes] = bytes;
    this.#row[METRIC.unreadBytesMax] = bytesMax;
  }

  /** A connection was ended because there was no room for more answers that clients have not taken. */
  unreadEnded(): void {
    this.#row[METRIC.unreadEnded]!++;
  }

  /** The connection was opened as well, and counts as accepted. */
  connectionRejected(): void {
    this.#row[METRIC.connectionsRejected]!++;
  }
}

function methodIndexOf(method: string | undefined): number {
  // Nearly all requests have the first method.
  for (let index = 0; index < METRIC_METHODS.length - 1; index++) {
    if (METRIC_METHODS[index] === method) return index;
  }
  return METRIC_METHODS.length - 1;
}

function statusClassIndexOf(status: number): number {
  return Math.min(Math.max(Math.floor(status / 100) - 2, 0), CLASS_COUNT - 1);
}

/** Node measures the time between two timers of its own that are due so far apart. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
const US_PER_SECOND = 1e6;

/**
 * How busy a server thread is: its CPU time, and how late its event loop is. The thread calls `publish` about
 * once a second. In between it costs one timer of libuv, fifty times a second.
 */
export class ThreadLoad {
  readonly #row: Float64Array;
  readonly #histogram: ReturnType<typeof monitorEventLoopDelay>;
  /** CPU time of earlier threads that had this row and have died. */
  readonly #earlierCpuSeconds: number;

  constructor(memory: SharedArrayBuffer, threadIndex: number) {
    this.#row = metricsRow(memory, threadIndex);
    this.#earlierCpuSeconds = this.#row[METRIC.cpuSeconds]!;
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  /** Writes what was measured since the last call into the row. */
  publish(): void {
    const row = this.#row;
    const histogram = this.#histogram;
    const { user, system } = process.threadCpuUsage();
    row[METRIC.cpuSeconds] = this.#earlierCpuSeconds + (user + system) / US_PER_SECOND;
    const { count } = histogram;
    if (count === 0) return;
    row[METRIC.loopDelayCount]! += count;
    row[METRIC.loopDelaySumMs]! += count * delayOf(histogram.mean);
    row[METRIC.loopDelayP50Ms] = delayOf(histogram.percentile(50));
    row[METRIC.loopDelayP99Ms] = delayOf(histogram.percentile(99));
    histogram.reset();
  }

  stop(): void {
    this.#histogram.disable();
  }
}

function delayOf(intervalNs: number): number {
  return Math.max(0, intervalNs / NS_PER_MS - RESOLUTION_MS);
}

/** The numbers of one row at one moment, or the sums of several rows. METRIC has the indices. */
export type MetricValues = Readonly<Float64Array>;

export interface MetricsReading {
  readonly all: MetricValues;
  /** Copies of this moment. The place of a thread is its index less one. */
  readonly threads: readonly Float64Array[];
}

/**
 * Reads what the server threads have counted, on the main thread. It writes only when a thread has died.
 */
export class MetricsReader {
  readonly #rows: readonly Float64Array[];

  constructor(memory: SharedArrayBuffer, threadCount: number) {
    this.#rows = Array.from({ length: threadCount }, (_, index) => metricsRow(memory, index + 1));
  }

  read(): MetricsReading {
    const threads = this.#rows.map((row) => row.slice());
    const all = new Float64Array(METRICS_ROW_LENGTH);
    for (const row of threads) for (let at = 0; at < all.length; at++) all[at]! += row[at]!;
    return { all, threads };
  }

  /** A thread has died, and its connections with it. What it has counted stays. */
  forgetThread(threadIndex: number): void {
    const row = this.#rows[threadIndex - 1];
    if (row === undefined) return;
    for (const place of METRICS_OF_THE_MOMENT) row[place] = 0;
  }
}

/** Answers by method and class. METRIC_METHODS and METRIC_STATUS_CLASSES have the indices. */
export function requestsOf(values: MetricValues, methodIndex: number, classIndex: number): number {
  return values[metricOfRequests(methodIndex, classIndex)]!;
}

export function requestsOfMethod(values: MetricValues, methodIndex: number): number {
  return sum(METRIC_STATUS_CLASSES.map((_, index) => requestsOf(values, methodIndex, index)));
}

export function requestsOfClass(values: MetricValues, classIndex: number): number {
  return sum(METRIC_METHODS.map((_, index) => requestsOf(values, index, classIndex)));
}

export function requestsInAll(values: MetricValues): number {
  return sum(METRIC_METHODS.map((_, index) => requestsOfMethod(values, index)));
}

/** A view, not a copy. */
export function latencyCounts(values: MetricValues): MetricValues {
  return values.subarray(metricOfLatency(0), metricOfLatency(LATENCY_BUCKET_COUNT));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

// Answers are counted in buckets by their duration. The edges of the buckets are the preferred numbers of
// ISO 3: twenty for each power of ten, each about 12 % above the one before. So 1, 2.5 and 5 are among them,
// which are the edges that Prometheus gets. Pure.

/** The series R20 of ISO 3. */
const STEPS = [
  ...[1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.24, 2.5, 2.8],
  ...[3.15, 3.55, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9],
];
const FIRST_DECADE_MS = 0.01;

/** The upper edge of each bucket except the last, in ms. A duration on an edge belongs to the bucket below it. */
export const LATENCY_EDGES_MS: readonly number[] = Array.from(
  { length: LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT },
  (_, index) => {
    const decade = Math.floor((index + 1) / LATENCY_BUCKETS_PER_DECADE);
    const step = STEPS[(index + 1) % LATENCY_BUCKETS_PER_DECADE]!;
    // Rounded as a decimal text, because 1.12 × 0.01 is not 0.0112 in binary.
    return Number((step * FIRST_DECADE_MS * 10 ** decade).toPrecision(4));
  },
);

/** Places of 1, 2.5 and 5 in the series. */
const ROUND_STEPS: ReadonlySet<number> = new Set([0, 8, 14]);

/** Whether the upper edge of a bucket is 1, 2.5 or 5 times a power of ten. */
export function isRoundEdge(bucket: number): boolean {
  return ROUND_STEPS.has((bucket + 1) % LATENCY_BUCKETS_PER_DECADE);
}

const edges = Float64Array.from(LATENCY_EDGES_MS);

/** The bucket of a duration, 0 to LATENCY_BUCKET_COUNT - 1. */
export function latencyBucketOf(durationMs: number): number {
  let low = 0;
  let high = LATENCY_BUCKET_COUNT - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (durationMs <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The duration in ms below which `share` of the counted answers lie; undefined when nothing was counted.
 * Within a bucket the durations are taken as evenly spread. The last bucket has only a lower edge.
 * @param share 0 to 1
 */
export function latencyQuantile(counts: ArrayLike<number>, share: number): number | undefined {
  let total = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKET_COUNT; bucket++) total += counts[bucket] as number;
  if (total === 0) return undefined;
  const wanted = share * total;
  let below = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKET_COUNT; bucket++) {
    const count = counts[bucket] as number;
    if (count > 0 && below + count >= wanted) {
      const lowerMs = bucket === 0 ? 0 : (edges[bucket - 1] as number);
      const upperMs = edges[bucket] ?? lowerMs;
      return lowerMs + (upperMs - lowerMs) * ((wanted - below) / count);
    }
    below += count;
  }
  return edges.at(-1);
}
