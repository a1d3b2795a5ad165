// No request can forge a line of the access log, or reach a terminal through it: random targets,
// referers and user agents, in each form. The same lines are compared with those of a plain
// implementation. Repeat a run with WEIR_FUZZ_SEED, make it longer with WEIR_FUZZ_CASES.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogLineFormatter, type LogEntry, type LogLineFormat } from "../../src/log/line.ts";
import { formatPlainly } from "./plain-log-line.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "./random-numbers.ts";

const CASES_USUAL = 20_000;
const FORMATS: readonly LogLineFormat[] = ["pretty", "common", "combined", "json"];

/** What has forged lines and steered terminals elsewhere; heads are read one character a byte. */
const DANGERS = [
  ..."\n\r\0\t\x1b\x7f\x85\x9b\"\\'",
  "\r\n",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\x9b2J",
  '" 200 5\n192.0.2.8 - - [03/Nov/2026:04:05:06 +0000] "GET /forged HTTP/1.1',
  '","status":200,"x":"',
  "\\u000a",
  "\\x0a",
  // U+2028, U+202E and U+009B, as UTF-8 has them.
  "\xe2\x80\xa8",
  "\xe2\x80\xae",
  "\xc2\x9b",
  "%0a%1b[2J",
];

function makeText(random: RandomNumbers): string {
  let text = "";
  for (let left = random.below(12); left > 0; left--) {
    const kind = random.below(4);
    if (kind === 0) text += random.oneOf(DANGERS);
    else if (kind === 1) text += String.fromCharCode(random.below(256));
    else text += random.oneOf(["curl/8", "Mozilla/5.0 (X11; Linux)", "/a/b?c=d", "~", " "]);
  }
  return text;
}

function makeEntry(random: RandomNumbers, wallMs: number): LogEntry {
  const isRead = random.below(10) > 0;
  const perhapsText = () => (random.below(5) === 0 ? undefined : makeText(random));
  return {
    address: random.oneOf(["192.0.2.7", "2001:db8::1"]),
    wallMs,
    method: isRead ? random.oneOf(["GET", "HEAD", "OPTIONS"]) : undefined,
    rawTarget: isRead ? `/${makeText(random)}` : undefined,
    protocol: isRead ? random.oneOf(["HTTP/1.0", "HTTP/1.1"]) : undefined,
    status: random.oneOf([200, 206, 304, 400, 404, 429, 500]),
    bodyBytes: random.oneOf([0, 1, random.below(2 ** 31)]),
    durationMs: random.below(2 ** 31) / random.oneOf([1, 1000, 1e6, 2 ** 31]),
    limit: random.oneOf(["admitted", "refused", "none"] as const),
    limitRemaining: random.below(3) === 0 ? undefined : random.below(1000),
    referer: perhapsText(),
    userAgent: perhapsText(),
    threadIndex: 1 + random.below(64),
    isComplete: random.below(2) === 0,
  };
}

for (const format of FORMATS) {
  test(`each ${format} line is one line of visible ASCII, and the same as made plainly`, (t) => {
    const seed = chooseSeed(process.env);
    const caseCount = chooseCaseCount(process.env, CASES_USUAL);
    t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${caseCount}`);
    const random = new RandomNumbers(seed);
    // One for all, as in a thread: what it keeps from one line must not show in the next.
    const formatLine = createLogLineFormatter(format, false);
    let wallMs = Date.UTC(2026, 11, 31, 23, 59, 58);
    for (let left = caseCount; left > 0; left--) {
      wallMs += random.oneOf([0, 0, 0, 1, 7, 993, 86_400_000, -500]);
      const entry = makeEntry(random, wallMs);
      const line = formatLine(entry);
      assert.match(line, /^[\x20-\x7e]+$/);
      assert.equal(line, formatPlainly(entry, format));
      if (format !== "json") continue;
      const { target, referer, user_agent } = JSON.parse(line);
      const sent = [entry.rawTarget, entry.referer, entry.userAgent].map((text) => text ?? null);
      assert.deepEqual([target, referer, user_agent], sent);
    }
  });
}

test("the fields of a combined line end where they should, whatever is in them", (t) => {
  const seed = chooseSeed(process.env);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed}`);
  const random = new RandomNumbers(seed);
  const formatLine = createLogLineFormatter("combined", false);
  const field = '"((?:[^"\\\\]|\\\\x[0-9a-f]{2})*)"';
  const form = new RegExp(`^\\S+ - - \\[[^\\]]+\\] ${field} (\\d{3}) (\\d+|-) ${field} ${field}$`);
  for (let left = chooseCaseCount(process.env, CASES_USUAL); left > 0; left--) {
    const entry = makeEntry(random, 0);
    const parts = form.exec(formatLine(entry));
    assert.equal(parts?.[2], String(entry.status));
    assert.equal(readEscapes(parts?.[5] ?? ""), entry.userAgent || "-");
  }
});

/** As a reader of the log does. */
function readEscapes(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
