// Watches a running server from the main thread: takes a sample of its counters once a second, and puts
// together what the admin interface tells. It reads shared memory and asks nobody; no request waits
// for it. Used by admin-handler.ts; what it watches is handed in as a MonitoredServer.

import type { FileRanking } from "../hits/top-files.ts";
import type { WindowContent } from "../limit/sliding-window.ts";
import type { BookedClient } from "../metrics/client-book.ts";
import type { MetricsReading } from "../metrics/metrics-reader.ts";
import { SampleHistory, sampleBetween } from "./sample.ts";
import type { ServerFacts, ServerState, Snapshot, StoreFacts } from "./snapshot.ts";
import { formatSnapshot } from "./snapshot-form.ts";

/** What the monitor reads of a server; each call gives the state of that moment. */
export interface MonitoredServer {
  readonly facts: ServerFacts;
  readonly state: ServerState;
  /** Server threads that accept connections. */
  readonly threadsReady: number;
  readonly threadRestarts: number;
  readMetrics(): MetricsReading;
  readonly files: FileRanking;
  /** Those seen lately, the busiest first, and how many more there are. */
  readClients(): { readonly clients: readonly BookedClient[]; readonly others: number };
  /** undefined when no limit is on. */
  readWindow(client: string): WindowContent | undefined;
  readonly limiter: { readonly slots: number; readonly slotsUsed: number };
  /** undefined when the server shares none. */
  readonly store: StoreFacts | undefined;
  readonly hitFiles: number;
  /** undefined when hits are kept in memory only. */
  readonly persistLagMs: number | undefined;
  readonly logLinesDropped: number;
  /** Called before each sample: `elapsedMs` since the last. */
  advance(elapsedMs: number): void;
}

export interface MonitorClock {
  monotonicMs(): number;
  wallMs(): number;
}

const SAMPLE_INTERVAL_MS = 1000;
/** An hour; half a megabyte. */
const SAMPLES_MAX = 3600;

/** Two readings, and the time between them. */
export interface Interval {
  readonly before: MetricsReading;
  readonly after: MetricsReading;
  readonly elapsedMs: number;
}

export class Monitor {
  readonly server: MonitoredServer;
  readonly history = new SampleHistory(SAMPLES_MAX);
  private readonly clock: MonitorClock;
  private readonly timer: NodeJS.Timeout;
  private readonly waiting = new Set<() => void>();
  private latest: MetricsReading;
  private latestMs: number;
  private interval: Interval | undefined;

  constructor(server: MonitoredServer, clock: MonitorClock) {
    this.server = server;
    this.clock = clock;
    this.latest = server.readMetrics();
    this.latestMs = clock.monotonicMs();
    this.timer = setInterval(() => this.sample(), SAMPLE_INTERVAL_MS);
  }

  /** What there is to tell at this moment. */
  snapshot(): Snapshot {
    return formatSnapshot(this.server, {
      reading: this.server.readMetrics(),
      interval: this.interval,
      last: this.history.last,
      nowMs: this.clock.monotonicMs(),
      wallMs: this.clock.wallMs(),
    });
  }

  /** Resolves after the next sample, or when the monitor stops. */
  nextSample(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  stop(): void {
    clearInterval(this.timer);
    this.wake();
  }

  private sample(): void {
    const nowMs = this.clock.monotonicMs();
    const elapsedMs = nowMs - this.latestMs;
    if (elapsedMs <= 0) return;
    this.server.advance(elapsedMs);
    const before = this.latest;
    this.latest = this.server.readMetrics();
    this.latestMs = nowMs;
    this.interval = { before, after: this.latest, elapsedMs };
    this.history.add(sampleBetween(before.all, this.latest.all, elapsedMs, this.clock.wallMs()));
    this.wake();
  }

  private wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
