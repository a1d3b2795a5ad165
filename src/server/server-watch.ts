// A running server as the admin interface sees it: brings together what lies in shared memory, what the
// threads have told of their clients, and what only the main thread knows. It reads, and changes nothing.

import type { MonitoredServer } from "../admin/monitored-server.ts";
import type { ServerFacts, ServerState, StoreFacts } from "../admin/snapshot.ts";
import type { Clock } from "../base/clock.ts";
import type { Rate } from "../config/rate.ts";
import type { HitLedger } from "../hits/hit-ledger.ts";
import { type FileRanking, TopFiles } from "../hits/top-files.ts";
import { SharedLimiter } from "../limit/limiter.ts";
import { type WindowContent, windowShape } from "../limit/sliding-window.ts";
import { ClientBook } from "../metrics/client-book.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import { MetricsReader, type MetricsReading } from "../metrics/metrics-reader.ts";
import { hashKey } from "../shared-memory/key-hash.ts";
import type { SharedMemory } from "../shared-memory/memory-layout.ts";
import { METRIC } from "../shared-memory/metrics-layout.ts";
import type { ThreadPool } from "./thread-pool.ts";
import type { ThreadWatch } from "./thread-watch.ts";

export interface ServerWatchOptions {
  readonly facts: ServerFacts;
  readonly memory: SharedMemory;
  readonly threadCount: number;
  readonly rate: Rate | undefined;
  readonly ledger: HitLedger;
  readonly pool: Pick<ThreadPool, "readyThreads">;
  readonly watch: Pick<ThreadWatch, "hangingThreads" | "hangingMounts" | "stillMs">;
  /** undefined when the server shares none. */
  readonly store: () => StoreFacts | undefined;
  readonly persistLagMs: () => number | undefined;
  readonly logLinesDropped: () => number;
  readonly clock: Clock;
}

const MAIN_THREAD_INDEX = 0;
const FILES_MAX = 10;
const CLIENTS_MAX = 20;
/** Who has asked for nothing for so long is not shown among the clients of now. */
const RECENT_MS = 10_000;

export class ServerWatch implements MonitoredServer {
  readonly facts: ServerFacts;
  state: ServerState = "serving";
  threadRestarts = 0;
  private readonly options: ServerWatchOptions;
  private readonly metrics: MetricsReader;
  private readonly limitReader: SharedLimiter | undefined;
  private readonly topFiles: TopFiles;
  private readonly clients = new ClientBook();

  constructor(options: ServerWatchOptions) {
    const { memory, rate, ledger, clock } = options;
    this.options = options;
    this.facts = options.facts;
    this.metrics = new MetricsReader(memory.metrics, options.threadCount);
    this.limitReader =
      rate && new SharedLimiter(memory, windowShape(rate.count, rate.windowMs), MAIN_THREAD_INDEX);
    this.topFiles = new TopFiles({ ledger, filesMax: FILES_MAX, monotonicMs: clock.monotonicMs });
  }

  addClients(gains: readonly ClientGain[]): void {
    this.clients.add(gains);
  }

  forgetThread(threadIndex: number): void {
    this.threadRestarts++;
    this.metrics.forgetThread(threadIndex);
  }

  get threadsReady(): number {
    return this.options.pool.readyThreads.length;
  }

  get hanging() {
    const { hangingThreads: threads, hangingMounts: mounts } = this.options.watch;
    return { threads, mounts };
  }

  readMetrics(): MetricsReading {
    const reading = this.metrics.read();
    // A thread that hangs measures no delay: it is measured from here.
    for (const [index, values] of reading.threads.entries()) {
      const stillMs = this.options.watch.stillMs(index + 1);
      for (const at of [METRIC.loopDelayP50Ms, METRIC.loopDelayP99Ms]) {
        values[at] = Math.max(values[at]!, stillMs);
      }
    }
    return reading;
  }

  get files(): FileRanking {
    return this.topFiles.ranking;
  }

  readClients() {
    return this.clients.busiest(this.options.clock.monotonicMs() - RECENT_MS, CLIENTS_MAX);
  }

  readWindow(client: string): WindowContent | undefined {
    if (this.limitReader === undefined) return undefined;
    const key = hashKey(this.options.memory.hashSecret, client);
    const nowMs = this.options.clock.monotonicMs();
    return this.limitReader.readWindow(key, nowMs) ?? { used: 0, agesMs: [] };
  }

  get limiter() {
    return this.limitReader?.occupancy ?? { slots: 0, slotsUsed: 0 };
  }

  get store(): StoreFacts | undefined {
    return this.options.store();
  }

  get hitFiles(): number {
    return this.options.ledger.fileCount;
  }

  get persistLagMs(): number | undefined {
    return this.options.persistLagMs();
  }

  get logLinesDropped(): number {
    return this.options.logLinesDropped();
  }

  advance(elapsedMs: number): void {
    this.clients.advance(elapsedMs);
    this.topFiles.update();
  }
}
