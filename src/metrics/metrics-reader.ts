// Reads what the server threads wrote down about themselves: each row, and all of them added up. Runs
// on the main thread; the only thing that it writes is the end of a thread that died.

import {
  LATENCY_BUCKET_COUNT,
  METRIC_METHODS,
  METRIC_STATUS_CLASSES,
  METRICS_OF_THE_MOMENT,
  METRICS_ROW_LENGTH,
  metricOfLatency,
  metricOfRequests,
  metricsRow,
} from "../shared-memory/metrics-layout.ts";

/** The numbers of one row at one moment, or of several added up: indexed by METRIC. */
export type MetricValues = Readonly<Float64Array>;

export interface MetricsReading {
  readonly all: MetricValues;
  /** By thread index less one; copies of this moment. */
  readonly threads: readonly Float64Array[];
}

export class MetricsReader {
  private readonly rows: readonly Float64Array[];

  constructor(memory: SharedArrayBuffer, threadCount: number) {
    this.rows = Array.from({ length: threadCount }, (_, index) => metricsRow(memory, index + 1));
  }

  read(): MetricsReading {
    const threads = this.rows.map((row) => row.slice());
    const all = new Float64Array(METRICS_ROW_LENGTH);
    for (const row of threads) for (let at = 0; at < all.length; at++) all[at]! += row[at]!;
    return { all, threads };
  }

  /** A thread has died, and its connections with it; what it has counted stays. */
  forgetThread(threadIndex: number): void {
    const row = this.rows[threadIndex - 1];
    if (row === undefined) return;
    for (const place of METRICS_OF_THE_MOMENT) row[place] = 0;
  }
}

/** Answers by method and class: `methodIndex` and `classIndex` as in METRIC_METHODS and …_CLASSES. */
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
