// What a server thread writes down about itself, into its own row of shared memory: plain additions,
// no message and no lock. Called on the way of each request and connection, so each of these is a few
// nanoseconds. Read by reader.ts on the main thread.

import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  LATENCY_BUCKET_COUNT,
  LATENCY_BUCKETS_PER_DECADE,
  LATENCY_DECADE_COUNT,
  METRIC,
  METRIC_METHODS,
  METRIC_STATUS_CLASSES,
  metricOfLatency,
  metricOfRequests,
  metricsRow,
} from "../memory/metrics-layout.ts";

const CLASS_COUNT = METRIC_STATUS_CLASSES.length;

/** Over the limit, or not to be told while the store of a fleet is gone. */
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

  /** Of a request that began. */
  requestEnded(): void {
    this.#row[METRIC.requestsInProgress]!--;
  }

  /**
   * An answer has left, or never will.
   * @param method undefined when the request could not be read
   * @param refusal whether it was the limit that refused it, and why
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

  hotFileHit(): void {
    this.#row[METRIC.hotFileHits]!++;
  }

  /** The store that servers share has answered a command. */
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

  /** What the thread holds of answers that clients have not taken, and may hold. */
  setUnread(bytes: number, bytesMax: number): void {
    this.#row[METRIC.unreadBytes] = bytes;
    this.#row[METRIC.unreadBytesMax] = bytesMax;
  }

  /** A connection was ended because there was no room for more. */
  unreadEnded(): void {
    this.#row[METRIC.unreadEnded]!++;
  }

  /** One that was opened, too. */
  connectionRejected(): void {
    this.#row[METRIC.connectionsRejected]!++;
  }
}

function methodIndexOf(method: string | undefined): number {
  // Compared in the order in which they come: nearly all are the first.
  for (let index = 0; index < METRIC_METHODS.length - 1; index++) {
    if (METRIC_METHODS[index] === method) return index;
  }
  return METRIC_METHODS.length - 1;
}

function statusClassIndexOf(status: number): number {
  return Math.min(Math.max(Math.floor(status / 100) - 2, 0), CLASS_COUNT - 1);
}

// How busy a server thread is: its CPU time, and how late it comes to what is due. The thread calls
// `publish` about once a second; what it costs between is a timer of libuv, fifty times a second.

/** Node measures the time between two of its own timers, which are due so far apart. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
const US_PER_SECOND = 1e6;

export class ThreadLoad {
  readonly #row: Float64Array;
  readonly #histogram: ReturnType<typeof monitorEventLoopDelay>;
  /** CPU time of the dead threads whose row this is. */
  readonly #earlierCpuSeconds: number;

  constructor(memory: SharedArrayBuffer, threadIndex: number) {
    this.#row = metricsRow(memory, threadIndex);
    this.#earlierCpuSeconds = this.#row[METRIC.cpuSeconds]!;
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  /** Writes down what was measured since the last call. */
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

// The buckets that answers are counted in by their duration, and what can be read from such counts.
// Pure. Their edges are the preferred numbers of ISO 3 (twenty to a power of ten, each some 12 % above
// the one before): so 1, 2.5 and 5 are among them, which are the edges that Prometheus is told.

/** The series R20 of ISO 3. */
const STEPS = [
  ...[1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.24, 2.5, 2.8],
  ...[3.15, 3.55, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9],
];
const FIRST_DECADE_MS = 0.01;

/** The upper edge of each bucket but the last, in ms; a duration on an edge belongs below it. */
export const LATENCY_EDGES_MS: readonly number[] = Array.from(
  { length: LATENCY_BUCKETS_PER_DECADE * LATENCY_DECADE_COUNT },
  (_, index) => {
    const decade = Math.floor((index + 1) / LATENCY_BUCKETS_PER_DECADE);
    const step = STEPS[(index + 1) % LATENCY_BUCKETS_PER_DECADE]!;
    // Through a decimal text: 1.12 × 0.01 is not 0.0112 in binary.
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
 * The duration below which `share` of the counted answers lie, in ms, between the edges of its bucket
 * by how far into the bucket it falls; undefined when nothing was counted. Of the last bucket nothing
 * is known but its lower edge.
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
