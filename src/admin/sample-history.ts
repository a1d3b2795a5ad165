// The samples of the last while, in a ring: for whoever opens the dashboard, or has missed some. Filled
// by monitor.ts, read by event-stream.ts.

import type { Sample } from "./snapshot.ts";

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
