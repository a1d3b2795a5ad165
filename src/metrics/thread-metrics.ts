// What a server thread writes down about itself, into its own row of shared memory: plain additions,
// no message and no lock. Called on the way of each request and connection, so each of these is a few
// nanoseconds. Read by metrics-reader.ts on the main thread.

import {
  METRIC,
  METRIC_METHODS,
  METRIC_STATUS_CLASSES,
  metricOfLatency,
  metricOfRequests,
  metricsRow,
} from "../shared-memory/metrics-layout.ts";
import { latencyBucketOf } from "./latency-buckets.ts";

const CLASS_COUNT = METRIC_STATUS_CLASSES.length;

/** Over the limit, or not to be told while the store of a fleet is gone. */
export type LimitRefusal = "refused" | "unknown";

export class ThreadMetrics {
  private readonly row: Float64Array;

  /** @param threadIndex 1 and up */
  constructor(memory: SharedArrayBuffer, threadIndex: number) {
    this.row = metricsRow(memory, threadIndex);
  }

  requestBegan(): void {
    this.row[METRIC.requestsInProgress]!++;
  }

  /** Of a request that began. */
  requestEnded(): void {
    this.row[METRIC.requestsInProgress]!--;
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
    const { row } = this;
    row[metricOfRequests(methodIndexOf(method), statusClassIndexOf(status))]!++;
    if (refusal !== undefined) row[METRIC.refused]!++;
    if (refusal === "unknown") row[METRIC.refusedUnknown]!++;
    row[METRIC.bodyBytes]! += bodyBytes;
    row[METRIC.durationSumMs]! += durationMs;
    row[metricOfLatency(latencyBucketOf(durationMs))]!++;
  }

  hit(): void {
    this.row[METRIC.hits]!++;
  }

  hotFileHit(): void {
    this.row[METRIC.hotFileHits]!++;
  }

  /** The store that servers share has answered a command. */
  storeAnswered(roundTripMs: number): void {
    this.row[METRIC.storeAnswers]!++;
    this.row[METRIC.storeRoundTripSumMs]! += roundTripMs;
  }

  storeFailed(): void {
    this.row[METRIC.storeFailures]!++;
  }

  connectionOpened(): void {
    this.row[METRIC.connectionsAccepted]!++;
    this.row[METRIC.connectionsOpen]!++;
  }

  connectionClosed(): void {
    this.row[METRIC.connectionsOpen]!--;
  }

  /** What the thread holds of answers that clients have not taken, and may hold. */
  setUnread(bytes: number, bytesMax: number): void {
    this.row[METRIC.unreadBytes] = bytes;
    this.row[METRIC.unreadBytesMax] = bytesMax;
  }

  /** A connection was ended because there was no room for more. */
  unreadEnded(): void {
    this.row[METRIC.unreadEnded]!++;
  }

  /** One that was opened, too. */
  connectionRejected(): void {
    this.row[METRIC.connectionsRejected]!++;
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
