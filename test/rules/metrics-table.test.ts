// The rule that docs/ADMIN.md tells every metric as it is: the table between its two markers has the
// name, the type, the labels and the help of each, in the order in which /metrics tells them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFamilies } from "../../src/admin/metric-families.ts";
import type { MonitoredServer } from "../../src/admin/monitor.ts";
import { metricsBytes } from "../../src/memory/metrics-layout.ts";
import type { MetricFamily } from "../../src/metrics/exposition.ts";
import { MetricsReader } from "../../src/metrics/thread-metrics.ts";
import { readRepositoryFile } from "./source-files.ts";

const TABLE = /<!-- metrics -->\n([\s\S]*?)<!-- \/metrics -->/;

function formatTable(families: readonly MetricFamily[]): string {
  const rows = families.map(({ name, type, help, samples }) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels ?? {})));
    return `| \`${name}\` | ${type} | ${[...labels].join(", ")} | ${help} |\n`;
  });
  return `| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function familiesOfSomeServer(): MetricFamily[] {
  const reader = new MetricsReader(new SharedArrayBuffer(metricsBytes(1)), 1);
  return collectFamilies({
    facts: { version: "0", nodeVersion: "0", startedMs: 0, rootDir: "/", url: "", rate: null },
    state: "serving",
    threadsReady: 1,
    hanging: { threads: [], mounts: [] },
    threadRestarts: 0,
    readMetrics: () => reader.read(),
    files: { now: [], all: [] },
    readClients: () => ({ clients: [], others: 0 }),
    readWindow: () => undefined,
    limiter: { slots: 8, slotsUsed: 0 },
    store: { shown: "redis://store.example:6379/0", isUp: true, reason: null },
    hitFiles: 0,
    persistLagMs: 0,
    logLinesDropped: 0,
    advance: () => {},
  } satisfies MonitoredServer);
}

function findTableFaults(document: string, expected: string): string[] {
  const table = TABLE.exec(document)?.[1];
  if (table === undefined) return ["docs/ADMIN.md: has no <!-- metrics --> and <!-- /metrics -->."];
  if (table === expected) return [];
  return [`docs/ADMIN.md: put this between the markers of the metrics:\n${expected}`];
}

test("the table of metrics in docs/ADMIN.md is what /metrics tells", () => {
  const expected = formatTable(familiesOfSomeServer());
  assert.deepEqual(findTableFaults(readRepositoryFile("docs/ADMIN.md"), expected), []);
});

test("a table without a metric, and a page without markers, are found", () => {
  const expected = formatTable(familiesOfSomeServer());
  const without = expected.replace(/.*weir_hits_total.*\n/, "");
  assert.notEqual(without, expected);
  const page = `x\n<!-- metrics -->\n${without}<!-- /metrics -->\n`;
  assert.equal(findTableFaults(page, expected).length, 1);
  assert.equal(findTableFaults("x", expected).length, 1);
});

test("no metric is told twice, and each ends in its unit", () => {
  const names = familiesOfSomeServer().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, type } of familiesOfSomeServer()) {
    assert.equal(name.endsWith("_total"), type === "counter", name);
  }
});
