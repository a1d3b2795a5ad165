// Watches a running server from the main thread: takes a sample of its counters once a second, and puts
// together what the admin interface shows. It reads shared memory and asks no thread, so no request waits
// for it. handler.ts uses it; the server that it watches is handed in.

import type { FileRanking, RankedFile } from "../hits/top-files.ts";
import { percentEncodeSegment } from "../http/url.ts";
import type { WindowContent } from "../limit/sliding-window.ts";
import { METRIC, METRIC_METHODS, METRIC_STATUS_CLASSES } from "../memory/metrics-layout.ts";
import type { BookedClient } from "../metrics/client-tallies.ts";
import {
  type MetricsReading,
  type MetricValues,
  requestsInAll,
  requestsOfClass,
  requestsOfMethod,
} from "../metrics/thread-metrics.ts";
import { formatVisible } from "../page/text.ts";
import { round, SampleHistory, sampleBetween } from "./samples.ts";
import type {
  ClientFacts,
  FileFacts,
  Sample,
  ServerFacts,
  ServerState,
  Snapshot,
  StoreFacts,
  ThreadFacts,
  Totals,
} from "./snapshot.ts";

/** What the admin interface reads of a server; serve/admin-interface.ts fills it. It is always as of now. */
export interface MonitoredServer {
  readonly facts: ServerFacts;
  readonly state: ServerState;
  /** Server threads that accept connections. */
  readonly threadsReady: number;
  readonly threadRestarts: number;
  /** What has not answered for some seconds: threads by their index, mounts by their mount point. */
  readonly hanging: { readonly threads: readonly number[]; readonly mounts: readonly string[] };
  readMetrics(): MetricsReading;
  readonly files: FileRanking;
  /** The clients that have asked lately, the busiest first, and how many more there are. */
  readClients(): { readonly clients: readonly BookedClient[]; readonly others: number };
  /** Undefined when no limit is on. */
  readWindow(client: string): WindowContent | undefined;
  readonly limiter: { readonly slots: number; readonly slotsUsed: number };
  /** Undefined when the server shares no store. */
  readonly store: StoreFacts | undefined;
  readonly hitFiles: number;
  /** Undefined when hits are kept in memory only. */
  readonly persistLagMs: number | undefined;
  readonly logLinesDropped: number;
  /** Called before each sample, `elapsedMs` after the last one. */
  advance(elapsedMs: number): void;
}

/** Two readings, and the time between them. */
interface Interval {
  readonly before: MetricsReading;
  readonly after: MetricsReading;
  readonly elapsedMs: number;
}

export interface MonitorClock {
  monotonicMs(): number;
  wallMs(): number;
}

const SAMPLE_INTERVAL_MS = 1000;
/** One hour, in half a megabyte. */
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

  /** The state of the server now. */
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

interface SnapshotMoment {
  readonly reading: MetricsReading;
  /** The last second; undefined during the first. */
  readonly interval: Interval | undefined;
  readonly last: Sample | undefined;
  readonly nowMs: number;
  readonly wallMs: number;
}

/** Puts a snapshot together. Pure, but for reading the windows of the clients. */
function formatSnapshot(server: MonitoredServer, moment: SnapshotMoment): Snapshot {
  const { clients, others } = server.readClients();
  return {
    timeMs: moment.wallMs,
    state: server.state,
    server: server.facts,
    totals: formatTotals(moment.reading.all),
    last: moment.last ?? null,
    threads: moment.reading.threads.map((values, index) =>
      formatThread(values, index, moment.interval),
    ),
    files: { now: server.files.now.map(formatFile), all: server.files.all.map(formatFile) },
    clients: clients.map((client) =>
      formatClient(client, moment, server.readWindow(client.client)),
    ),
    otherClients: others,
    limiter: server.limiter,
    store: server.store,
    persistLagSeconds: server.persistLagMs === undefined ? null : server.persistLagMs / 1000,
    logLinesDropped: server.logLinesDropped,
    hanging: server.hanging,
  };
}

function formatTotals(values: MetricValues): Totals {
  return {
    requests: requestsInAll(values),
    requestsByMethod: record(METRIC_METHODS, (index) => requestsOfMethod(values, index)),
    requestsByStatus: record(METRIC_STATUS_CLASSES, (index) => requestsOfClass(values, index)),
    refused: values[METRIC.refused]!,
    bodyBytes: values[METRIC.bodyBytes]!,
    hits: values[METRIC.hits]!,
    hotFileHits: values[METRIC.responseCacheHits]!,
    connectionsAccepted: values[METRIC.connectionsAccepted]!,
    connectionsRejected: values[METRIC.connectionsRejected]!,
  };
}

function record<Name extends string>(
  names: readonly Name[],
  valueAt: (index: number) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, valueAt(index)])) as Record<
    Name,
    number
  >;
}

function formatThread(
  values: MetricValues,
  index: number,
  interval: Interval | undefined,
): ThreadFacts {
  const perSecond = (amountOf: (values: MetricValues) => number) => {
    const [before, after] = [interval?.before.threads[index], interval?.after.threads[index]];
    if (interval === undefined || before === undefined || after === undefined) return 0;
    return round(Math.max(0, ((amountOf(after) - amountOf(before)) * 1000) / interval.elapsedMs));
  };
  return {
    threadIndex: index + 1,
    requests: requestsInAll(values),
    requestsPerSecond: perSecond(requestsInAll),
    connectionsOpen: values[METRIC.connectionsOpen]!,
    requestsInProgress: values[METRIC.requestsInProgress]!,
    // CPU time is written once a second by the thread's own clock, so a second may hold a little more.
    cpuShare: Math.min(
      1,
      perSecond((each) => each[METRIC.cpuSeconds]!),
    ),
    eventLoopDelayP50Ms: round(values[METRIC.loopDelayP50Ms]!),
    eventLoopDelayP99Ms: round(values[METRIC.loopDelayP99Ms]!),
  };
}

function formatClient(
  { client, admitted, refused, requestsPerSecond, lastSeenMs }: BookedClient,
  { nowMs, wallMs }: SnapshotMoment,
  window: WindowContent | undefined,
): ClientFacts {
  return {
    client,
    admitted,
    refused,
    requestsPerSecond: round(requestsPerSecond),
    lastSeenMs: Math.round(wallMs - (nowMs - lastSeenMs)),
    window: window === undefined ? null : { used: window.used, agesMs: window.agesMs.map(round) },
  };
}

function formatFile({ path, hits, hitsPerSecond }: RankedFile): FileFacts {
  return {
    path: formatVisible(Buffer.from(path, "latin1").toString("utf8")),
    href: path.split("/").map(percentEncodeSegment).join("/"),
    hits,
    hitsPerSecond: round(hitsPerSecond),
  };
}
