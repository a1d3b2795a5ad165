import assert from "node:assert/strict";
import { test } from "node:test";
import { decideStep, type Held } from "./continuation.ts";

const NOW_MS = Date.parse("Thu, 26 Nov 2026 12:00:00 GMT");
const tagged: Held = { bytes: 10, version: { validator: '"a"', totalBytes: 30 } };
const OLD = "Thu, 26 Nov 2026 10:00:00 GMT";
const dated: Held = { bytes: 10, version: { validator: OLD, totalBytes: 30 } };
const unknown: Held = { bytes: 10, version: {} };

/** `rest 30 "a"`, `whole`, `ask-for-all: why`. */
function decide(status: number, headers: Record<string, string>, held?: Held): string {
  const step = decideStep(status, headers, held, NOW_MS);
  if (step.kind === "wait") return `wait ${step.waitMs}`;
  if (step.kind === "ask-for-all") return `${step.kind}: ${step.why}`;
  if (step.kind !== "whole" && step.kind !== "rest") return step.kind;
  const { totalBytes, validator } = step.version;
  const why = step.kind === "whole" && step.why !== undefined ? `: ${step.why}` : "";
  return `${step.kind} ${totalBytes} ${validator}${why}`;
}

const CHANGED = "the file has changed on the server";
const NO_RANGES = "the server does not continue downloads";
const range = { "content-range": "bytes 10-29/30" };
const now = { date: "Thu, 26 Nov 2026 12:00:00 GMT" };

for (const [status, headers, held, expected] of [
  [200, { etag: '"a"', "content-length": "30" }, undefined, 'whole 30 "a"'],
  [200, { etag: 'W/"a"' }, undefined, "whole undefined undefined"],
  [200, { etag: "a" }, undefined, "whole undefined undefined"],
  [200, { "last-modified": OLD, ...now }, undefined, `whole undefined ${OLD}`],
  [200, { "last-modified": OLD }, undefined, "whole undefined undefined"],
  [200, { "last-modified": now.date, ...now }, undefined, "whole undefined undefined"],
  [200, { "content-length": "-1" }, undefined, "whole undefined undefined"],
  [200, { etag: '"a"' }, tagged, `whole undefined "a": ${NO_RANGES}`],
  [200, { etag: '"b"' }, tagged, `whole undefined "b": ${CHANGED}`],
  [200, {}, tagged, `whole undefined undefined: ${CHANGED}`],
  [200, { etag: '"b"' }, unknown, `whole undefined "b": ${NO_RANGES}`],
  [206, { ...range, etag: '"a"' }, tagged, 'rest 30 "a"'],
  [206, range, tagged, 'rest 30 "a"'],
  [206, { "content-range": "bytes 10-29/*" }, tagged, 'rest 30 "a"'],
  [206, { ...range, "last-modified": OLD }, dated, `rest 30 ${OLD}`],
  [206, { ...range, "last-modified": now.date }, dated, `ask-for-all: ${CHANGED}`],
  [206, { ...range, etag: '"b"' }, tagged, `ask-for-all: ${CHANGED}`],
  [206, { "content-range": "bytes 10-29/31" }, tagged, `ask-for-all: ${CHANGED}`],
  [206, { "content-range": "bytes 9-29/30" }, tagged, `ask-for-all: ${NO_RANGES}`],
  [206, { "content-range": "10-29" }, tagged, `ask-for-all: ${NO_RANGES}`],
  [206, {}, tagged, `ask-for-all: ${NO_RANGES}`],
  [206, range, unknown, "ask-for-all: nothing shows that the existing file is a part of this one"],
  [206, range, undefined, "other-status"],
  [
    416,
    { "content-range": "bytes */10" },
    { ...tagged, version: { validator: '"a"' } },
    "complete",
  ],
  [416, { "content-range": "bytes */10" }, unknown, "complete"],
  [416, { "content-range": "bytes */10" }, tagged, `ask-for-all: ${CHANGED}`],
  [416, { "content-range": "bytes */9" }, unknown, `ask-for-all: ${CHANGED}`],
  [416, {}, { bytes: 30, version: { validator: '"a"', totalBytes: 30 } }, "complete"],
  [
    416,
    { etag: '"b"' },
    { bytes: 30, version: { validator: '"a"', totalBytes: 30 } },
    `ask-for-all: ${CHANGED}`,
  ],
  [416, {}, unknown, `ask-for-all: ${CHANGED}`],
  [416, {}, undefined, "other-status"],
  [429, { "retry-after": "3" }, undefined, "wait 3000"],
  [503, { "retry-after": "Thu, 26 Nov 2026 12:00:05 GMT" }, tagged, "wait 5000"],
  [429, { "retry-after": OLD }, undefined, "wait 0"],
  [429, { "retry-after": "soon" }, undefined, "other-status"],
  [429, {}, undefined, "other-status"],
  [500, { "retry-after": "3" }, undefined, "other-status"],
] as const) {
  const part = held === undefined ? "nothing" : `${held.bytes} bytes of ${held.version.validator}`;
  test(`${status} ${JSON.stringify(headers)} with ${part} is ${expected}`, () => {
    assert.equal(decide(status, headers as Record<string, string>, held), expected);
  });
}
