import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLogLine, type LogEntry, type LogLineFormat } from "./log-line.ts";

const ENTRY: LogEntry = {
  address: "192.0.2.7",
  wallMs: Date.UTC(2026, 10, 3, 4, 5, 6, 789),
  method: "GET",
  rawTarget: "/a.txt?b=c",
  minorVersion: 1,
  status: 200,
  bodyBytes: 1234,
  durationMs: 1.23456,
  referer: "http://a.test/",
  userAgent: "curl/8",
  threadIndex: 2,
  isComplete: true,
};
const UNREADABLE: LogEntry = {
  ...ENTRY,
  method: undefined,
  rawTarget: undefined,
  minorVersion: undefined,
  referer: undefined,
  userAgent: undefined,
  status: 400,
  bodyBytes: 0,
};
const FORMATS: readonly LogLineFormat[] = ["pretty", "common", "combined", "json"];
const COMMON = '192.0.2.7 - - [03/Nov/2026:04:05:06 +0000] "GET /a.txt?b=c HTTP/1.1" 200 1234';

test("common is the Common Log Format: host, ident, user, time, request, status, bytes", () => {
  assert.equal(formatLogLine(ENTRY, "common"), COMMON);
});

test("combined adds referer and user agent, and - where they are absent or empty", () => {
  assert.equal(formatLogLine(ENTRY, "combined"), `${COMMON} "http://a.test/" "curl/8"`);
  const silent = { ...ENTRY, referer: undefined, userAgent: "" };
  assert.equal(formatLogLine(silent, "combined"), `${COMMON} "-" "-"`);
});

test("a body of no bytes is - in common [304, HTTP/1.0]", () => {
  const entry = { ...ENTRY, status: 304, bodyBytes: 0, minorVersion: 0 } as const;
  assert.match(formatLogLine(entry, "common"), /"GET \/a\.txt\?b=c HTTP\/1\.0" 304 -$/);
});

test("json holds every fact of the entry", () => {
  assert.deepEqual(JSON.parse(formatLogLine(ENTRY, "json")), {
    time: "2026-11-03T04:05:06.789Z",
    address: "192.0.2.7",
    method: "GET",
    target: "/a.txt?b=c",
    status: 200,
    bytes: 1234,
    duration_ms: 1.235,
    limited: false,
    complete: true,
    thread: 2,
    referer: "http://a.test/",
    user_agent: "curl/8",
  });
});

test("json tells a refused request [429] and one cut short", () => {
  const line = formatLogLine({ ...ENTRY, status: 429, isComplete: false }, "json");
  assert.equal(JSON.parse(line).limited, true);
  assert.equal(JSON.parse(line).complete, false);
});

test("pretty is one line for a person, and says when an answer was cut short", () => {
  const line = "04:05:06  200  GET /a.txt?b=c  1234 B  1.2 ms  192.0.2.7";
  assert.equal(formatLogLine(ENTRY, "pretty"), line);
  assert.equal(formatLogLine({ ...ENTRY, isComplete: false }, "pretty"), `${line}  (cut short)`);
});

test("a request that could not be read has a line in every format", () => {
  assert.match(formatLogLine(UNREADABLE, "common"), /\] "-" 400 -$/);
  assert.match(formatLogLine(UNREADABLE, "combined"), /\] "-" 400 - "-" "-"$/);
  assert.match(formatLogLine(UNREADABLE, "pretty"), / {2}400 {2}\(unreadable\) {2}/);
  const { method, target, status } = JSON.parse(formatLogLine(UNREADABLE, "json"));
  assert.deepEqual([method, target, status], [null, null, 400]);
});

/** What a hostile client puts into a field; the parser lets tabs and bytes above ASCII through. */
const HOSTILE: readonly string[] = [
  'x" 200 5\n192.0.2.8 - - [03/Nov/2026:04:05:06 +0000] "GET /forged HTTP/1.1',
  "x\r\nforged",
  "\x1b]0;title\x07\x1b[2J",
  "\x9b2J\x90\x7f",
  "\x85forged",
  '\\" \\',
  "\t",
  "\0",
  "\xe4\xff",
];

for (const value of HOSTILE) {
  const hostile = { ...ENTRY, rawTarget: `/${value}`, referer: value, userAgent: value };
  for (const format of FORMATS) {
    test(`a ${format} line is one line of printable ASCII or harmless letters [${JSON.stringify(value)}]`, () => {
      const line = formatLogLine(hostile, format);
      assert.match(line, format === "json" ? /^[\x20-\x7e\xa0-\xff]+$/ : /^[\x20-\x7e]+$/);
    });
  }
  test(`the quoted fields of combined end where they should [${JSON.stringify(value)}]`, () => {
    const quoted = formatLogLine(hostile, "combined").match(/"(?:[^"\\]|\\x[0-9a-f]{2})*"/g);
    assert.equal(quoted?.length, 3);
  });
  test(`json gives back what the client sent [${JSON.stringify(value)}]`, () => {
    assert.equal(JSON.parse(formatLogLine(hostile, "json")).user_agent, value);
  });
}
