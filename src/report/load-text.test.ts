import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadResult } from "../load/load-result.ts";
import { formatLoadJson } from "./load-json.ts";
import { formatBytes, formatLoadLines, formatLoadSummary } from "./load-text.ts";

const distribution = { count: 200, min: 0.5, p50: 1, p90: 2, p99: 3, max: 4, mean: 1.25 };

const limited: LoadResult = {
  plan: {
    method: "GET",
    url: "http://127.0.0.1:8001/",
    requests: 200,
    connections: 10,
    keepAlive: true,
    delayMs: 0,
    timeoutMs: 30_000,
    sources: [],
  },
  started: "2026-01-01T00:00:00.000Z",
  finished: "2026-01-01T00:00:00.120Z",
  durationMs: 120,
  interrupted: false,
  total: 200,
  answered: 200,
  admitted: 5,
  refused: 195,
  failed: 0,
  abandoned: 0,
  retried: 0,
  late: 0,
  byStatus: { 200: 5, 429: 195 },
  failuresByReason: {},
  bodyBytes: 4096,
  latencyMs: { all: distribution, admitted: distribution, refused: distribution },
  sources: [{ admitted: 5, refused: 195, failed: 0 }],
  seconds: [{ second: 0, admitted: 5, refused: 195, failed: 0 }],
};

const clean: LoadResult = {
  ...limited,
  total: 5,
  answered: 5,
  refused: 0,
  byStatus: { 200: 4, 301: 1 },
  latencyMs: { all: distribution, admitted: distribution },
};

test("200 requests through the limit give the ancestor's lines, 429 among the failures", () => {
  assert.equal(
    formatLoadLines(limited),
    "Total requests: 200\nSuccessful: 5\nFailed: 195\nTotal time: 0.12 s\n" +
      "Successful req/sec: 41.67\nFailures by status:\n  429: 195\n",
  );
});

test("without failures the ancestor's last block is absent", () => {
  assert.equal(
    formatLoadLines(clean),
    "Total requests: 5\nSuccessful: 5\nFailed: 0\nTotal time: 0.12 s\nSuccessful req/sec: 41.67\n",
  );
});

test("failures without a status stand by their reason, after those with one", () => {
  const result: LoadResult = {
    ...limited,
    failed: 3,
    byStatus: { 200: 5, 404: 1, 429: 195 },
    failuresByReason: { "closed-early": { count: 2, example: "closed" } },
  };
  assert.match(formatLoadLines(result), /\n {2}404: 1\n {2}429: 195\n {2}closed-early: 2\n$/);
  assert.match(formatLoadLines(result), /\nFailed: 198\n/);
});

test("a run of no time at all has a rate of 0 and not of Infinity", () => {
  assert.match(formatLoadLines({ ...clean, durationMs: 0 }), /\nSuccessful req\/sec: 0\.00\n/);
});

test("the summary of a limited run is laid out in paragraphs", () => {
  assert.equal(
    formatLoadSummary(limited),
    `GET http://127.0.0.1:8001/
200 requests, 10 connections

Requests
            count       rate
  total       200  1666.67/s
  admitted      5    41.67/s  2xx, 3xx
  refused     195  1625.00/s  429, the server's limit
  errors        0     0.00/s  other statuses, or no answer
  4.0 KiB of bodies in 0.12 s

Statuses
  200    5
  429  195

Latency in ms, to the last byte
             min  mean   p50   p90   p99   max
  all       0.50  1.25  1.00  2.00  3.00  4.00
  admitted  0.50  1.25  1.00  2.00  3.00  4.00
  refused   0.50  1.25  1.00  2.00  3.00  4.00
`,
  );
});

test("the summary tells what was stopped, sent again, late, unanswered, and each source", () => {
  const text = formatLoadSummary({
    ...limited,
    interrupted: true,
    total: 7,
    retried: 2,
    late: 3,
    failuresByReason: { reset: { count: 1, example: "read ECONNRESET" } },
    sources: [
      { address: "127.0.0.1", admitted: 1, refused: 2, failed: 3 },
      { address: "127.0.0.10", admitted: 4, refused: 5, failed: 6 },
    ],
  });
  assert.match(text, /^Stopped early: 7 of 200 requests are done\.$/m);
  assert.match(text, /^ {2}2 sent again: /m);
  assert.match(text, /^ {2}3 sent late: /m);
  assert.match(text, /^ {2}reset: 1 \(the server reset the connection\)$/m);
  assert.match(text, /^ {4}for example: read ECONNRESET$/m);
  assert.match(text, /^ {2}127\.0\.0\.10 {9}4 {8}5 {7}6$/m);
});

test("a summary of nothing but failures has no latency and no statuses", () => {
  const text = formatLoadSummary({ ...limited, answered: 0, byStatus: {}, latencyMs: {} });
  assert.doesNotMatch(text, /Latency|Statuses/);
});

test("bytes are given in the unit that fits", () => {
  const texts = [0, 1023, 1024, 1536, 5 * 1024 ** 3].map(formatBytes);
  assert.deepEqual(texts, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "5.0 GiB"]);
});

test("the JSON names its schema first and holds the result unchanged", () => {
  const json = formatLoadJson(limited);
  assert.ok(json.startsWith('{\n  "schema": "weir-load/1",'));
  assert.deepEqual(JSON.parse(json), { schema: "weir-load/1", ...limited });
});
