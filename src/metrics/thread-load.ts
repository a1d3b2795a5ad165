// How busy a server thread is: its CPU time, and how late it comes to what is due. The thread calls
// `publish` about once a second; what it costs between is a timer of libuv, fifty times a second.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { METRIC, metricsRow } from "../shared-memory/metrics-layout.ts";

/** Node measures the time between two of its own timers, which are due so far apart. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
const US_PER_SECOND = 1e6;

export class ThreadLoad {
  private readonly row: Float64Array;
  private readonly histogram: ReturnType<typeof monitorEventLoopDelay>;
  /** CPU time of the dead threads whose row this is. */
  private readonly earlierCpuSeconds: number;

  constructor(memory: SharedArrayBuffer, threadIndex: number) {
    this.row = metricsRow(memory, threadIndex);
    this.earlierCpuSeconds = this.row[METRIC.cpuSeconds]!;
    this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.histogram.enable();
  }

  /** Writes down what was measured since the last call. */
  publish(): void {
    const { row, histogram } = this;
    const { user, system } = process.threadCpuUsage();
    row[METRIC.cpuSeconds] = this.earlierCpuSeconds + (user + system) / US_PER_SECOND;
    const { count } = histogram;
    if (count === 0) return;
    row[METRIC.loopDelayCount]! += count;
    row[METRIC.loopDelaySumMs]! += count * delayOf(histogram.mean);
    row[METRIC.loopDelayP50Ms] = delayOf(histogram.percentile(50));
    row[METRIC.loopDelayP99Ms] = delayOf(histogram.percentile(99));
    histogram.reset();
  }

  stop(): void {
    this.histogram.disable();
  }
}

function delayOf(intervalNs: number): number {
  return Math.max(0, intervalNs / NS_PER_MS - RESOLUTION_MS);
}
