import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../test/fixtures/request-head.ts";
import type { Client } from "../clients/clients.ts";
import type { LogEntry } from "../log/line.ts";
import { METRIC, metricsBytes } from "../memory/metrics-layout.ts";
import { ClientTallies } from "../metrics/client-tallies.ts";
import { MetricsReader, ThreadMetrics } from "../metrics/thread-metrics.ts";
import { type Admission, EXEMPT, LIMIT_OFF, openExchange } from "./exchange.ts";
import { Recorder } from "./record.ts";

/** What is noted of one exchange, everywhere. */
function recordOne(
  admission: Admission,
  status: number,
  { isRead = true, isBelieved = false, fields = {} } = {},
) {
  const entries: LogEntry[] = [];
  const refusals: { client: string; isForwarded: boolean }[] = [];
  const memory = new SharedArrayBuffer(metricsBytes(1));
  const tallies = new ClientTallies();
  const recorder = new Recorder({
    threadIndex: 1,
    log: { batch: { add: () => {} } as never, formatLine: (entry) => `${entries.push(entry)}` },
    metrics: { thread: new ThreadMetrics(memory, 1), tallies },
    clock: { monotonicMs: () => 1007, wallMs: () => 0 } as never,
    onRefused: (refusal) => refusals.push(refusal),
  });
  const client = { name: "192.0.2.1", address: "192.0.2.1", tally: tallies.open("192.0.2.1") };
  const exchange = openExchange(isRead ? makeHead(fields) : undefined, 1000, client as Client);
  exchange.admission = admission;
  exchange.sent = { status, bodyBytes: 5, isComplete: true };
  if (isRead) recorder.begin();
  recorder.record(exchange, isBelieved);
  const { all } = new MetricsReader(memory, 1).read();
  return { entry: entries[0], refusals, gains: tallies.report(), refused: all[METRIC.refused] };
}

const ADMITTED: Admission = { kind: "admitted", remaining: 4, waitMs: 1000 };
const REFUSED: Admission = { kind: "refused", remaining: 0, waitMs: 500 };
const UNKNOWN: Admission = { kind: "unknown", remaining: 0, waitMs: 1000 };

const RECORDS: readonly [Admission, status: number, limit: string, left: number | undefined][] = [
  [ADMITTED, 200, "admitted", 4],
  // Somebody's own page may have that status: what counts is what the limit has said.
  [ADMITTED, 429, "admitted", 4],
  [ADMITTED, 503, "admitted", 4],
  [REFUSED, 429, "refused", 0],
  [UNKNOWN, 503, "refused", 0],
  [EXEMPT, 200, "none", undefined],
  [LIMIT_OFF, 200, "none", undefined],
];

for (const [admission, status, limit, left] of RECORDS) {
  test(`the log, the metrics and the tallies say what the limit has said [${admission.kind}, ${status}]`, () => {
    const { entry, gains, refused } = recordOne(admission, status);
    assert.equal(entry?.limit, limit);
    assert.equal(entry?.limitRemaining, left);
    assert.equal(entry?.status, status);
    assert.equal(entry?.durationMs, 7);
    const isRefused = limit === "refused";
    assert.equal(refused, isRefused ? 1 : 0);
    assert.deepEqual(
      gains.map((gain) => [gain.admitted, gain.refused]),
      [isRefused ? [0, 1] : [1, 0]],
    );
  });
}

test("what could not be read has met no limit and is nobody's request", () => {
  const { entry, gains } = recordOne(LIMIT_OFF, 400, { isRead: false });
  assert.deepEqual([entry?.limit, entry?.method, entry?.bodyBytes], ["none", undefined, 5]);
  assert.deepEqual(gains, []);
});

test("a refusal is reported with its client, and whether a stranger passes requests on [X-Forwarded-For]", () => {
  const fields = { "x-forwarded-for": "198.51.100.1" };
  assert.deepEqual(recordOne(REFUSED, 429, { fields }).refusals, [
    { client: "192.0.2.1", isForwarded: true },
  ]);
  assert.deepEqual(recordOne(REFUSED, 429, { fields, isBelieved: true }).refusals, [
    { client: "192.0.2.1", isForwarded: false },
  ]);
  assert.deepEqual(recordOne(UNKNOWN, 503).refusals, []);
  assert.deepEqual(recordOne(ADMITTED, 429).refusals, []);
});
