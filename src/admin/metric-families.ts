// The metrics of a server as Prometheus knows them: names and units by its conventions, and sets of labels
// that cannot grow (no path and no client is ever a label). Pure, but for reading the server.
//
// To add a counter: its place in METRIC (memory/metrics-layout.ts), its addition in
// metrics/thread-metrics.ts, and its name and help here. test/rules/metrics-table.test.ts then prints the
// row for docs/ADMIN.md.

import { METRIC, METRIC_METHODS, METRIC_STATUS_CLASSES } from "../memory/metrics-layout.ts";
import type { MetricFamily, MetricSample } from "../metrics/exposition.ts";
import {
  isRoundEdge,
  LATENCY_EDGES_MS,
  latencyCounts,
  type MetricsReading,
  type MetricValues,
  requestsInAll,
  requestsOf,
} from "../metrics/thread-metrics.ts";
import type { MonitoredServer } from "./monitor.ts";

export function collectFamilies(server: MonitoredServer): MetricFamily[] {
  const reading = server.readMetrics();
  return [
    ...requestFamilies(reading.all),
    durationFamily(reading.all),
    ...connectionFamilies(reading.all),
    ...unreadFamilies(reading.all),
    ...limitFamilies(server, reading.all),
    ...storeFamilies(server, reading.all),
    ...hitFamilies(server, reading.all),
    ...threadFamilies(server, reading),
    ...processFamilies(server),
  ];
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, type: "counter", help, samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, type: "gauge", help, samples: [{ value }] };
}

/** Empty where the system does not say: on Linux it is in /proc, which may be absent. */
function residentMemory(): MetricFamily[] {
  try {
    const bytes = process.memoryUsage.rss();
    return [gauge("process_resident_memory_bytes", "Resident memory.", bytes)];
  } catch {
    return [];
  }
}

function requestFamilies(values: MetricValues): MetricFamily[] {
  const samples: MetricSample[] = METRIC_METHODS.flatMap((method, methodIndex) =>
    METRIC_STATUS_CLASSES.map((status, classIndex) => ({
      labels: { method, status },
      value: requestsOf(values, methodIndex, classIndex),
    })),
  );
  return [
    {
      name: "weir_http_requests_total",
      type: "counter",
      help: "Answers, by method of the request and class of the status.",
      samples,
    },
    counter(
      "weir_http_response_body_bytes_total",
      "Bytes of response bodies sent.",
      values[METRIC.bodyBytes]!,
    ),
    gauge(
      "weir_http_requests_in_progress",
      "Requests whose answer has not left yet.",
      values[METRIC.requestsInProgress]!,
    ),
  ];
}

function durationFamily(values: MetricValues): MetricFamily {
  const counts = latencyCounts(values);
  const samples: MetricSample[] = [];
  let below = 0;
  counts.forEach((count, bucket) => {
    below += count;
    const edgeMs = LATENCY_EDGES_MS[bucket];
    if (edgeMs !== undefined && !isRoundEdge(bucket)) return;
    const le = edgeMs === undefined ? "+Inf" : String(Number((edgeMs / 1000).toPrecision(4)));
    samples.push({ suffix: "_bucket", labels: { le }, value: below });
  });
  samples.push({ suffix: "_sum", value: values[METRIC.durationSumMs]! / 1000 });
  samples.push({ suffix: "_count", value: below });
  return {
    name: "weir_http_request_duration_seconds",
    type: "histogram",
    help: "Time from the whole head of a request to the last byte of its answer.",
    samples,
  };
}

function connectionFamilies(values: MetricValues): MetricFamily[] {
  return [
    gauge("weir_connections_open", "Open connections.", values[METRIC.connectionsOpen]!),
    counter(
      "weir_connections_accepted_total",
      "Connections accepted, rejected ones among them.",
      values[METRIC.connectionsAccepted]!,
    ),
    counter(
      "weir_connections_rejected_total",
      "Connections answered with 503, or closed: their client, or the server, had too many.",
      values[METRIC.connectionsRejected]!,
    ),
  ];
}

function unreadFamilies(values: MetricValues): MetricFamily[] {
  return [
    gauge(
      "weir_unread_answers_bytes",
      "Memory of answers that their clients have not taken.",
      values[METRIC.unreadBytes]!,
    ),
    gauge(
      "weir_unread_answers_bytes_max",
      "How much of it there may be, over all threads.",
      values[METRIC.unreadBytesMax]!,
    ),
    counter(
      "weir_unread_answers_ended_total",
      "Connections ended because there was more: those that had taken nothing for longest.",
      values[METRIC.unreadEnded]!,
    ),
  ];
}

function limitFamilies(server: MonitoredServer, values: MetricValues): MetricFamily[] {
  const { slots, slotsUsed } = server.limiter;
  return [
    counter("weir_limit_refused_total", "Requests refused by the limit.", values[METRIC.refused]!),
    gauge("weir_limiter_slots", "Clients that the limiter has room for.", slots),
    gauge("weir_limiter_slots_used", "Clients that the limiter remembers.", slotsUsed),
  ];
}

/** Only where servers share a store. */
function storeFamilies({ store }: MonitoredServer, values: MetricValues): MetricFamily[] {
  if (store === undefined) return [];
  const answers = values[METRIC.storeAnswers]!;
  const failures = values[METRIC.storeFailures]!;
  return [
    gauge("weir_store_up", "1 while the store is there, 0 while it is gone.", store.isUp ? 1 : 0),
    counter(
      "weir_store_requests_total",
      "Commands to the store for the limit.",
      answers + failures,
    ),
    counter(
      "weir_store_failures_total",
      "Those of them that the store refused, or did not answer in time.",
      failures,
    ),
    {
      name: "weir_store_round_trip_seconds",
      type: "summary",
      help: "Time from a command to its answer by the store.",
      samples: [
        { suffix: "_sum", value: values[METRIC.storeRoundTripSumMs]! / 1000 },
        { suffix: "_count", value: answers },
      ],
    },
  ];
}

function hitFamilies(server: MonitoredServer, values: MetricValues): MetricFamily[] {
  const lagMs = server.persistLagMs;
  const lag = gauge(
    "weir_hits_persist_lag_seconds",
    "Time since all hits were saved.",
    (lagMs ?? 0) / 1000,
  );
  return [
    counter("weir_hits_total", "Hits counted since the start.", values[METRIC.hits]!),
    gauge("weir_hit_files", "Files and folders that have hits.", server.hitFiles),
    ...(lagMs === undefined ? [] : [lag]),
    counter(
      "weir_hot_file_hits_total",
      "Answers about a file that were at hand in memory.",
      values[METRIC.responseCacheHits]!,
    ),
  ];
}

function threadFamilies(server: MonitoredServer, { threads }: MetricsReading): MetricFamily[] {
  const labelled = (read: (values: MetricValues) => number): MetricSample[] =>
    threads.map((values, index) => ({
      labels: { thread: String(index + 1) },
      value: read(values),
    }));
  return [
    {
      name: "weir_thread_requests_total",
      type: "counter",
      help: "Answers of each server thread.",
      samples: labelled(requestsInAll),
    },
    {
      name: "weir_thread_cpu_seconds_total",
      type: "counter",
      help: "CPU time of each server thread.",
      samples: labelled((values) => values[METRIC.cpuSeconds]!),
    },
    {
      name: "weir_thread_event_loop_delay_seconds",
      type: "summary",
      help: "How late each server thread came to what was due; quantiles of the last second.",
      samples: threads.flatMap((values, index) => delaySamples(values, String(index + 1))),
    },
    gauge("weir_threads_ready", "Server threads that accept connections.", server.threadsReady),
    gauge(
      "weir_threads_hanging",
      "Server threads that have not moved for some seconds.",
      server.hanging.threads.length,
    ),
    gauge(
      "weir_mounts_hanging",
      "Mounted folders that have not answered for some seconds.",
      server.hanging.mounts.length,
    ),
    counter(
      "weir_thread_restarts_total",
      "Server threads that died and were replaced.",
      server.threadRestarts,
    ),
  ];
}

function delaySamples(values: MetricValues, thread: string): MetricSample[] {
  const quantile = (name: string, delayMs: number): MetricSample => ({
    labels: { thread, quantile: name },
    value: delayMs / 1000,
  });
  return [
    quantile("0.5", values[METRIC.loopDelayP50Ms]!),
    quantile("0.99", values[METRIC.loopDelayP99Ms]!),
    { suffix: "_sum", labels: { thread }, value: values[METRIC.loopDelaySumMs]! / 1000 },
    { suffix: "_count", labels: { thread }, value: values[METRIC.loopDelayCount]! },
  ];
}

/** The metrics of the process have the names that Prometheus's own libraries give them. */
function processFamilies(server: MonitoredServer): MetricFamily[] {
  const { version, nodeVersion, startedMs } = server.facts;
  const { user, system } = process.cpuUsage();
  return [
    counter(
      "weir_log_lines_dropped_total",
      "Lines of the access log that found no room: its reader is too slow, or its disk full.",
      server.logLinesDropped,
    ),
    {
      name: "weir_build_info",
      type: "gauge",
      help: "Always 1; the versions stand in its labels.",
      samples: [{ labels: { version, node: nodeVersion }, value: 1 }],
    },
    gauge(
      "weir_draining",
      "1 while the server is being stopped, 0 otherwise.",
      server.state === "draining" ? 1 : 0,
    ),
    counter("process_cpu_seconds_total", "CPU time of the whole process.", (user + system) / 1e6),
    ...residentMemory(),
    gauge(
      "process_start_time_seconds",
      "Start of the process, in seconds since 1970.",
      startedMs / 1000,
    ),
  ];
}
