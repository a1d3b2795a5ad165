// One second of the server's life: the difference between two readings of its counters. Pure; monitor.ts
// calls it.

import { METRIC, METRIC_STATUS_CLASSES } from "../memory/metrics-layout.ts";
import {
  latencyCounts,
  latencyQuantile,
  type MetricValues,
  requestsInAll,
  requestsOfClass,
} from "../metrics/thread-metrics.ts";
import type { Sample, SampleColumns } from "./snapshot.ts";

/** The facts that a sample is made of. */
interface Second {
  readonly timeMs: number;
  /** The counters at its end. */
  readonly after: MetricValues;
  /** How much each counter has gained in it. */
  readonly gained: MetricValues;
  /** An amount, per second. */
  perSecond(amount: number): number;
}

/** Every field of a sample, in the order in which it is sent. To add one, add its row here. */
const FIELDS: { readonly [Field in keyof Sample]: (second: Second) => Sample[Field] } = {
  timeMs: ({ timeMs }) => timeMs,
  requestsPerSecond: (second) => second.perSecond(requestsInAll(second.gained)),
  succeededPerSecond: (second) => second.perSecond(gainedOfClass(second, "2xx")),
  redirectedPerSecond: (second) => second.perSecond(gainedOfClass(second, "3xx")),
  clientErrorsPerSecond: (second) => {
    const { refused, unknown } = refusalsOf(second);
    return second.perSecond(gainedOfClass(second, "4xx") - (refused - unknown));
  },
  refusedPerSecond: (second) => second.perSecond(refusalsOf(second).refused),
  serverErrorsPerSecond: (second) =>
    second.perSecond(gainedOfClass(second, "5xx") - refusalsOf(second).unknown),
  bytesPerSecond: (second) => second.perSecond(second.gained[METRIC.bodyBytes]!),
  latencyP50Ms: (second) => quantileMs(second, 0.5),
  latencyP90Ms: (second) => quantileMs(second, 0.9),
  latencyP99Ms: (second) => quantileMs(second, 0.99),
  connectionsOpen: ({ after }) => after[METRIC.connectionsOpen]!,
  requestsInProgress: ({ after }) => after[METRIC.requestsInProgress]!,
};

/** @param elapsedMs between the two readings, above 0 */
export function sampleBetween(
  before: MetricValues,
  after: MetricValues,
  elapsedMs: number,
  timeMs: number,
): Sample {
  const second: Second = {
    timeMs,
    after,
    gained: after.map((value, index) => value - before[index]!),
    perSecond: (amount) => round((amount * 1000) / elapsedMs),
  };
  return fromFields((field) => FIELDS[field](second));
}

/** Samples field by field: half the size in JSON, and the form that plots are drawn from. */
export function toColumns(samples: readonly Sample[]): SampleColumns {
  return fromFields((field) => samples.map((sample) => sample[field]));
}

function fromFields<Made>(make: (field: keyof Sample) => unknown): Made {
  const fields = Object.keys(FIELDS) as (keyof Sample)[];
  return Object.fromEntries(fields.map((field) => [field, make(field)])) as Made;
}

function gainedOfClass(
  { gained }: Second,
  statusClass: (typeof METRIC_STATUS_CLASSES)[number],
): number {
  return requestsOfClass(gained, METRIC_STATUS_CLASSES.indexOf(statusClass));
}

/** Requests that the limit could not judge are among the refused ones. */
function refusalsOf({ gained }: Second): { readonly refused: number; readonly unknown: number } {
  return { refused: gained[METRIC.refused]!, unknown: gained[METRIC.refusedUnknown]! };
}

/** null in a second without answers. */
function quantileMs({ gained }: Second, share: number): number | null {
  const durationMs = latencyQuantile(latencyCounts(gained), share);
  return durationMs === undefined ? null : round(durationMs);
}

/** To thousandths: further digits are noise, and each dashboard gets an hour of them. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/**
 * The latest samples in a ring, numbered from 1 in the order in which they were taken: for a dashboard that
 * is opened, or that has missed some.
 */
export class SampleHistory {
  readonly #samplesMax: number;
  readonly #samples: Sample[] = [];
  /** The number of the latest sample; 0 when there is none. */
  #latest = 0;

  constructor(samplesMax: number) {
    this.#samplesMax = samplesMax;
  }

  get latestNumber(): number {
    return this.#latest;
  }

  get last(): Sample | undefined {
    return this.#latest === 0 ? undefined : this.#at(this.#latest);
  }

  add(sample: Sample): void {
    this.#latest++;
    this.#samples[this.#placeOf(this.#latest)] = sample;
  }

  /** The samples after number `number` that are still there, the oldest first. */
  after(number: number): Sample[] {
    const first = Math.max(number + 1, this.#latest - this.#samplesMax + 1, 1);
    const count = Math.max(0, this.#latest - first + 1);
    return Array.from({ length: count }, (_, index) => this.#at(first + index));
  }

  #at(number: number): Sample {
    return this.#samples[this.#placeOf(number)]!;
  }

  #placeOf(number: number): number {
    return (number - 1) % this.#samplesMax;
  }
}
