import assert from "node:assert/strict";
import { test } from "node:test";
import type { Snapshot } from "../../src/admin/snapshot.ts";
import { formatSnapshot } from "./snapshot-text.ts";

const snapshot: Snapshot = {
  timeMs: 1_700_000_000_000,
  state: "serving",
  server: {
    version: "1.2.3",
    nodeVersion: "v26.10.0",
    startedMs: 1_000_000,
    rootDir: "/srv/files",
    url: "http://127.0.0.1:8001/",
    rate: { count: 5, windowMs: 1000, text: "5/s" },
  },
  totals: {
    requests: 9_007_199_254_740_991,
    requestsByMethod: { GET: 1, HEAD: 0, OPTIONS: 0, other: 0 },
    requestsByStatus: { "2xx": 1, "3xx": 0, "4xx": 0, "5xx": 0 },
    refused: 12_345,
    bodyBytes: 987_654_321_012,
    hits: 1_000,
    hotFileHits: 999,
    connectionsAccepted: 17,
    connectionsRejected: 2,
  },
  last: null,
  threads: [],
  files: { now: [], all: [] },
  clients: [],
  otherClients: 0,
  limiter: { slots: 65_536, slotsUsed: 412 },
  persistLagSeconds: 0.42,
  hanging: { threads: [], mounts: [] },
  logLinesDropped: 0,
};

test("numbers in all are exact", () => {
  const texts = formatSnapshot(snapshot, 1_000_000);
  assert.equal(texts["requests-total"], "9,007,199,254,740,991");
  assert.equal(texts["refused-total"], "12,345");
  assert.equal(texts["body-bytes-total"], "987,654,321,012");
  assert.equal(texts["hits-total"], "1,000");
  assert.equal(texts["hot-file-hits-total"], "999");
  assert.equal(texts["connections-accepted-total"], "17");
  assert.equal(texts["connections-rejected-total"], "2");
});

test("in its first second the server has no numbers of a second", () => {
  const texts = formatSnapshot(snapshot, 1_000_400);
  assert.equal(texts.uptime, "0 s");
  for (const name of ["requests-per-second", "latency-p99-ms", "connections-open"]) {
    assert.equal(texts[name], "–", name);
  }
});

test("the limit is told, and that there is none", () => {
  const { server } = snapshot;
  assert.equal(formatSnapshot(snapshot, 0).rate, "5/s for each client");
  const unlimited = { ...snapshot, server: { ...server, rate: null } };
  assert.equal(formatSnapshot(unlimited, 0).rate, "no limit");
});

for (const [persistLagSeconds, text] of [
  [null, "in memory only"],
  [0, "all saved"],
  [0.42, "saved 0.4 s ago"],
  [75, "saved 1 min ago"],
] as const) {
  test(`what is not saved yet is told [${persistLagSeconds}: ${text}]`, () => {
    assert.equal(formatSnapshot({ ...snapshot, persistLagSeconds }, 0)["persist-lag"], text);
  });
}

for (const [otherClients, text] of [
  [0, ""],
  [1, "and one other"],
  [1234, "and 1,234 others"],
] as const) {
  test(`clients beside those listed are told [${otherClients}]`, () => {
    assert.equal(formatSnapshot({ ...snapshot, otherClients }, 0)["other-clients"], text);
  });
}
