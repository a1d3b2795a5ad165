import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import {
  createLogLineFormatter,
  escapeText,
  formatAsciiJson,
  formatDroppedRemark,
  type LogEntry,
  type LogLineFormat,
} from "./line.ts";

const ENTRY: LogEntry = {
  address: "192.0.2.7",
  wallMs: Date.UTC(2026, 10, 3, 4, 5, 6, 789),
  method: "GET",
  rawTarget: "/a.txt?b=c",
  protocol: "HTTP/1.1",
  status: 200,
  bodyBytes: 1234,
  durationMs: 1.23456,
  limit: "admitted",
  limitRemaining: 4,
  referer: "http://a.test/",
  userAgent: "curl/8",
  threadIndex: 2,
  isComplete: true,
};
const UNREADABLE: LogEntry = {
  ...ENTRY,
  method: undefined,
  rawTarget: undefined,
  protocol: undefined,
  referer: undefined,
  userAgent: undefined,
  status: 400,
  bodyBytes: 0,
  limit: "none",
  limitRemaining: undefined,
};

function formatLogLine(entry: LogEntry, format: LogLineFormat): string {
  return createLogLineFormatter(format, false)(entry);
}

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
  const entry = { ...ENTRY, status: 304, bodyBytes: 0, protocol: "HTTP/1.0" } as const;
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
    limit: "admitted",
    limit_remaining: 4,
    complete: true,
    thread: 2,
    referer: "http://a.test/",
    user_agent: "curl/8",
  });
});

test("json tells a refused request, one that met no limit, and one cut short", () => {
  const entry = { ...ENTRY, limit: "refused", limitRemaining: 0, isComplete: false } as const;
  const refused = JSON.parse(formatLogLine(entry, "json"));
  assert.deepEqual([refused.limit, refused.limit_remaining], ["refused", 0]);
  assert.equal(refused.complete, false);
  const unmet = JSON.parse(formatLogLine(UNREADABLE, "json"));
  assert.deepEqual([unmet.limit, unmet.limit_remaining], ["none", null]);
});

test("the time of a line is its own, also when the clock goes back or a second begins", () => {
  const formatJson = createLogLineFormatter("json", false);
  const formatCommon = createLogLineFormatter("common", false);
  for (const text of ["05.999", "06.000", "06.001", "06.999", "07.000", "06.999", "04.010"]) {
    const time = `2026-11-03T04:05:${text}Z`;
    const entry = { ...ENTRY, wallMs: Date.parse(time) };
    assert.equal(JSON.parse(formatJson(entry)).time, time);
    assert.ok(formatCommon(entry).includes(`[03/Nov/2026:04:05:${text.slice(0, 2)} +0000]`));
  }
});

const STATUS_COLOURS = [
  [200, "32"],
  [304, "36"],
  [429, "33"],
  [503, "31"],
] as const;

for (const [status, colour] of STATUS_COLOURS) {
  test(`pretty with colours is the same text, the status in its colour [${status}]`, () => {
    const entry = { ...ENTRY, status };
    const line = createLogLineFormatter("pretty", true)(entry);
    assert.ok(line.includes(`\x1b[${colour}m${status}\x1b[39m`));
    assert.equal(stripVTControlCharacters(line), formatLogLine(entry, "pretty"));
  });
}

test("only pretty has colours", () => {
  for (const format of ["common", "combined", "json"] as const) {
    assert.equal(createLogLineFormatter(format, true)(ENTRY), formatLogLine(ENTRY, format));
  }
});

test("what is missing is told in a line of the log's own form", () => {
  assert.equal(formatDroppedRemark(1, "common", 0), "# 1 log line dropped\n");
  assert.equal(formatDroppedRemark(12, "pretty", 0), "# 12 log lines dropped\n");
  const json = JSON.parse(formatDroppedRemark(12, "json", ENTRY.wallMs));
  assert.deepEqual(json, { time: "2026-11-03T04:05:06.789Z", dropped_lines: 12 });
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
    test(`a ${format} line is one line of visible ASCII [${JSON.stringify(value)}]`, () => {
      const line = formatLogLine(hostile, format);
      assert.match(line, /^[\x20-\x7e]+$/);
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

const TEXTS: readonly (readonly [text: string, escaped: string, json: string])[] = [
  ["", "", '""'],
  ["curl/8", "curl/8", '"curl/8"'],
  ['a"b\\c', "a\\x22b\\x5cc", '"a\\"b\\\\c"'],
  ["a\tb", "a\\x09b", '"a\\tb"'],
  ["\x00\x1b\x7f", "\\x00\\x1b\\x7f", '"\\u0000\\u001b\\u007f"'],
  ["\xe4\xff", "\\xe4\\xff", '"\\u00e4\\u00ff"'],
  // Exactly as long as may be, and one more.
  ["0123456789abcdefghij", "0123456789abcdefghij", '"0123456789abcdefghij"'],
  ["0123456789abcdefghijk", "0123456789abcdefghij...", '"0123456789abcdefghij..."'],
  // No escape is cut in two.
  [`${"a".repeat(17)}"b`, `${"a".repeat(17)}...`, `"${"a".repeat(17)}\\"b"`],
  [`${"a".repeat(17)}\xe4`, `${"a".repeat(17)}...`, `"${"a".repeat(17)}..."`],
  ['"'.repeat(16_000), `${"\\x22".repeat(5)}...`, `"${'\\"'.repeat(10)}..."`],
];

for (const [text, escaped, json] of TEXTS) {
  test(`the text ${JSON.stringify(text.slice(0, 30))} of ${text.length} in 20 characters of a line`, () => {
    assert.equal(escapeText(text, 20), escaped);
    assert.equal(formatAsciiJson(text, 20), json);
    assert.ok(text.startsWith((JSON.parse(json) as string).replace(/\.\.\.$/, "")));
  });
}
