// What the admin interface reads of a server. Types only; serve/admin-interface.ts fills them.

import type { FileRanking, RankedFile } from "../hits/top-files.ts";
import { percentEncodeSegment } from "../http/url.ts";
import type { WindowContent } from "../limit/window.ts";
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
import { round } from "./samples.ts";
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

/** Each call gives the state of that moment. */
export interface MonitoredServer {
  readonly facts: ServerFacts;
  readonly state: ServerState;
  /** Server threads that accept connections. */
  readonly threadsReady: number;
  readonly threadRestarts: number;
  /** What has not answered for some seconds: threads by index, mounts by mount point. */
  readonly hanging: { readonly threads: readonly number[]; readonly mounts: readonly string[] };
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

/** Two readings, and the time between them. */
export interface Interval {
  readonly before: MetricsReading;
  readonly after: MetricsReading;
  readonly elapsedMs: number;
}

// Puts a snapshot together from what was read of the server. Pure, but for the reading of the clients'
// windows. Called by monitor.ts.

export interface SnapshotMoment {
  readonly reading: MetricsReading;
  /** The last second; undefined in the first. */
  readonly interval: Interval | undefined;
  readonly last: Sample | undefined;
  readonly nowMs: number;
  readonly wallMs: number;
}

export function formatSnapshot(server: MonitoredServer, moment: SnapshotMoment): Snapshot {
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
    hotFileHits: values[METRIC.hotFileHits]!,
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
