import assert from "node:assert/strict";
import { test } from "node:test";
import {
  latency,
  limitedResult as limited,
  openResult,
} from "../../../test/fixtures/load-results.ts";
import type { LoadResult } from "../result.ts";
import { formatLoadJson } from "./saved-results.ts";
import { formatLoadLines, formatLoadSummary } from "./text.ts";

const clean: LoadResult = {
  ...limited,
  total: 5,
  answered: 5,
  refused: 0,
  byStatus: { 200: 4, 301: 1 },
  latencyMs: { all: latency, admitted: latency },
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

test("failures without a status are listed by their reason, after those with one", () => {
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

Distribution
  0.464 ms  to 0.562 ms   20    10 %  ██████
  0.562 ms  to 0.681 ms    0     0 %
  0.681 ms  to 0.825 ms    0     0 %
  0.825 ms   to 1.00 ms    0     0 %
  1.00 ms    to 1.21 ms  140    70 %  ████████████████████████████████████
  1.21 ms    to 1.47 ms    0     0 %
  1.47 ms    to 1.78 ms    0     0 %
  1.78 ms    to 2.15 ms   37  18.5 %  ██████████
  2.15 ms    to 2.61 ms    0     0 %
  2.61 ms    to 3.16 ms    0     0 %
  3.16 ms    to 3.83 ms    0     0 %
  3.83 ms    to 4.64 ms    3   1.5 %  █
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

test("odd answers are reported with their kinds, in the lines and in the summary", () => {
  const block = [
    "Odd answers: 12",
    "  line-end: 12 (lines end in LF alone)",
    "  folded-field: 3 (a header field continues on the next line)",
    "",
  ].join("\n");
  assert.ok(formatLoadLines(openResult).endsWith(`\n${block}`));
  assert.ok(formatLoadSummary(openResult).includes(`\n\n${block}`));
  assert.doesNotMatch(formatLoadSummary(limited) + formatLoadLines(limited), /odd/i);
});

test("the summary of an open run tells what was due, corrected latencies, and the limit", () => {
  const text = formatLoadSummary(openResult);
  for (const line of [
    /^GET http:\/\/127\.0\.0\.1:8001\/a\?b=<c>&d and 1 other URL$/m,
    /^for 10 s, due at 100\/s for 10 s, 10 connections$/m,
    /^ {2}due +100\.00\/s {2}the schedule$/m,
    /^ {2}7 never sent: /m,
    /^ {2}the bodies of all answers to a URL were equal$/m,
    /^ {2}corrected +0\.50 +51\.00 +1\.00 +2\.00 +1005\.00 +1010\.00$/m,
    /^ {2}from sending +0\.50 +1\.25 +1\.00 +2\.00 +3\.00 +4\.00$/m,
    /^Distribution, corrected$/m,
    /^ {2}policy +"client";q=5;w=1$/m,
    /^ {2}asked to wait +0\.12 s to 0\.98 s$/m,
    /^ {2}came back as asked, passed +30$/m,
  ]) {
    assert.match(text, line);
  }
});

test("the summary of a run without a number of requests that was stopped tells how many are done", () => {
  const text = formatLoadSummary({ ...openResult, interrupted: true });
  assert.match(text, /^Stopped early: 1,000 requests are done\.$/m);
});

test("no line of a summary is longer than 80 characters, headings and examples apart", () => {
  for (const result of [limited, openResult]) {
    const long = formatLoadSummary(result)
      .split("\n")
      .filter((line) => line.startsWith("  ") && line.length > 80);
    assert.deepEqual(long, []);
  }
});

test("a summary of nothing but failures has no latency and no statuses", () => {
  const text = formatLoadSummary({ ...limited, answered: 0, byStatus: {}, latencyMs: {} });
  assert.doesNotMatch(text, /Latency|Statuses/);
});

test("the JSON names its schema first and holds the result unchanged", () => {
  const json = formatLoadJson(limited);
  assert.ok(json.startsWith('{\n  "schema": "weir-load/1",'));
  assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(limited)));
});
