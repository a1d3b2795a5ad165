// One second of the server's life: what lies between two readings of its counters. Pure; and a ring of
// the last hour of such samples, for whoever opens the dashboard.

import { latencyQuantile } from "../metrics/latency-buckets.ts";
import { latencyCounts, type MetricValues, requestsOfClass } from "../metrics/metrics-reader.ts";
import {
  METRIC_BODY_BYTES,
  METRIC_CONNECTIONS_OPEN,
  METRIC_REFUSED,
  METRIC_REQUESTS_IN_PROGRESS,
  METRIC_STATUS_CLASSES,
} from "../shared-memory/metrics-layout.ts";
import type { Sample, SampleColumns } from "./snapshot.ts";

/** @param elapsedMs between the two readings, above 0 */
export function sampleBetween(
  before: MetricValues,
  after: MetricValues,
  elapsedMs: number,
  timeMs: number,
): Sample {
  const perSecond = (gained: number) => round((gained * 1000) / elapsedMs);
  const gained = after.map((value, index) => value - before[index]!);
  const [succeeded = 0, redirected = 0, clientErrors = 0, serverErrors = 0] =
    METRIC_STATUS_CLASSES.map((_, index) => requestsOfClass(gained, index));
  const refused = gained[METRIC_REFUSED]!;
  const quantile = (share: number) => {
    const durationMs = latencyQuantile(latencyCounts(gained), share);
    return durationMs === undefined ? null : round(durationMs);
  };
  return {
    timeMs,
    requestsPerSecond: perSecond(succeeded + redirected + clientErrors + serverErrors),
    succeededPerSecond: perSecond(succeeded),
    redirectedPerSecond: perSecond(redirected),
    clientErrorsPerSecond: perSecond(clientErrors - refused),
    refusedPerSecond: perSecond(refused),
    serverErrorsPerSecond: perSecond(serverErrors),
    bytesPerSecond: perSecond(gained[METRIC_BODY_BYTES]!),
    latencyP50Ms: quantile(0.5),
    latencyP90Ms: quantile(0.9),
    latencyP99Ms: quantile(0.99),
    connectionsOpen: after[METRIC_CONNECTIONS_OPEN]!,
    requestsInProgress: after[METRIC_REQUESTS_IN_PROGRESS]!,
  };
}

/** To thousandths: what is behind them is noise, and an hour of it is sent to each dashboard. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The latest samples, numbered from 1 on in the order in which they were taken. */
export class SampleHistory {
  private readonly samplesMax: number;
  private readonly samples: Sample[] = [];
  /** Number of the latest; 0 when there is none. */
  private latest = 0;

  constructor(samplesMax: number) {
    this.samplesMax = samplesMax;
  }

  get latestNumber(): number {
    return this.latest;
  }

  get last(): Sample | undefined {
    return this.latest === 0 ? undefined : this.at(this.latest);
  }

  add(sample: Sample): void {
    this.latest++;
    this.samples[this.placeOf(this.latest)] = sample;
  }

  /** Those with a number above `number` that are still there, the oldest first. */
  after(number: number): Sample[] {
    const first = Math.max(number + 1, this.latest - this.samplesMax + 1, 1);
    const count = Math.max(0, this.latest - first + 1);
    return Array.from({ length: count }, (_, index) => this.at(first + index));
  }

  private at(number: number): Sample {
    return this.samples[this.placeOf(number)]!;
  }

  private placeOf(number: number): number {
    return (number - 1) % this.samplesMax;
  }
}

/** Samples field by field: half the size as JSON, and what plots are drawn from. */
export function toColumns(samples: readonly Sample[]): SampleColumns {
  const column = <Field extends keyof Sample>(field: Field): Sample[Field][] =>
    samples.map((sample) => sample[field]);
  return {
    timeMs: column("timeMs"),
    requestsPerSecond: column("requestsPerSecond"),
    succeededPerSecond: column("succeededPerSecond"),
    redirectedPerSecond: column("redirectedPerSecond"),
    clientErrorsPerSecond: column("clientErrorsPerSecond"),
    refusedPerSecond: column("refusedPerSecond"),
    serverErrorsPerSecond: column("serverErrorsPerSecond"),
    bytesPerSecond: column("bytesPerSecond"),
    latencyP50Ms: column("latencyP50Ms"),
    latencyP90Ms: column("latencyP90Ms"),
    latencyP99Ms: column("latencyP99Ms"),
    connectionsOpen: column("connectionsOpen"),
    requestsInProgress: column("requestsInProgress"),
  };
}
