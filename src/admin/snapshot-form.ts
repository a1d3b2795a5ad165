// Puts a snapshot together from what was read of the server. Pure, but for the reading of the clients'
// windows. Called by monitor.ts.

import type { RankedFile } from "../hits/top-files.ts";
import { formatVisible } from "../http/page-text.ts";
import { percentEncodeSegment } from "../http/percent-encoding.ts";
import type { WindowContent } from "../limit/sliding-window.ts";
import type { BookedClient } from "../metrics/client-book.ts";
import {
  type MetricsReading,
  type MetricValues,
  requestsInAll,
  requestsOfClass,
  requestsOfMethod,
} from "../metrics/metrics-reader.ts";
import { METRIC, METRIC_METHODS, METRIC_STATUS_CLASSES } from "../shared-memory/metrics-layout.ts";
import type { Interval, MonitoredServer } from "./monitored-server.ts";
import { round } from "./sample.ts";
import type { ClientFacts, FileFacts, Sample, Snapshot, ThreadFacts, Totals } from "./snapshot.ts";

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
