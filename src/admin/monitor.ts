// Watches a running server from the main thread: takes a sample of its counters once a second, and puts
// together what the admin interface tells. It reads shared memory and asks nobody; no request waits
// for it. Used by handler.ts; what it watches is handed in as a MonitoredServer.

import type { MetricsReading } from "../metrics/thread-metrics.ts";
import { formatSnapshot, type Interval, type MonitoredServer } from "./monitored-server.ts";
import { SampleHistory, sampleBetween } from "./samples.ts";
import type { Snapshot } from "./snapshot.ts";

export interface MonitorClock {
  monotonicMs(): number;
  wallMs(): number;
}

const SAMPLE_INTERVAL_MS = 1000;
/** An hour; half a megabyte. */
const SAMPLES_MAX = 3600;

export class Monitor {
  readonly server: MonitoredServer;
  readonly history = new SampleHistory(SAMPLES_MAX);
  readonly #clock: MonitorClock;
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<() => void>();
  #latest: MetricsReading;
  #latestMs: number;
  #interval: Interval | undefined;

  constructor(server: MonitoredServer, clock: MonitorClock) {
    this.server = server;
    this.#clock = clock;
    this.#latest = server.readMetrics();
    this.#latestMs = clock.monotonicMs();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);
  }

  /** What there is to tell at this moment. */
  snapshot(): Snapshot {
    return formatSnapshot(this.server, {
      reading: this.server.readMetrics(),
      interval: this.#interval,
      last: this.history.last,
      nowMs: this.#clock.monotonicMs(),
      wallMs: this.#clock.wallMs(),
    });
  }

  /** Resolves after the next sample, or when the monitor stops. */
  nextSample(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#wake();
  }

  #sample(): void {
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = nowMs - this.#latestMs;
    if (elapsedMs <= 0) return;
    this.server.advance(elapsedMs);
    const before = this.#latest;
    this.#latest = this.server.readMetrics();
    this.#latestMs = nowMs;
    this.#interval = { before, after: this.#latest, elapsedMs };
    this.history.add(sampleBetween(before.all, this.#latest.all, elapsedMs, this.#clock.wallMs()));
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
