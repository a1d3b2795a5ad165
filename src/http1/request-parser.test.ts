import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Refusal } from "../http/request.ts";
import { httpLimits } from "../transport/engine.ts";
import type { Http1Head } from "./field-lines.ts";
import { RequestHeadCache } from "./request-head-cache.ts";
import { type ParseOutcome, RequestParser, skipPlainBytes } from "./request-parser.ts";

const HOST = "Host: a.test\r\n";

/** Whole outcome of a text that comes in the given pieces; the parser sees one growing buffer. */
function parsePieces(pieces: readonly string[], limits = httpLimits): ParseOutcome {
  const parser = new RequestParser(limits, new RequestHeadCache());
  let buffer = Buffer.alloc(0);
  let outcome: ParseOutcome = { kind: "incomplete" };
  for (const piece of pieces) {
    buffer = Buffer.concat([buffer, Buffer.from(piece, "latin1")]);
    outcome = parser.parse(buffer, 0, buffer.length);
    if (outcome.kind !== "incomplete") return outcome;
  }
  return outcome;
}

function parseText(text: string, limits = httpLimits): ParseOutcome {
  return parsePieces([text], limits);
}

function refusalOf(text: string): Refusal["status"] | string {
  const outcome = parseText(text);
  return outcome.kind === "refused" ? outcome.refusal.status : outcome.kind;
}

function headOf(text: string): Http1Head {
  const outcome = parseText(text);
  assert.equal(outcome.kind, "head", JSON.stringify(outcome));
  return (outcome as Extract<ParseOutcome, { kind: "head" }>).head;
}

/** The start of a head in a test's name. */
function show(text: string): string {
  return JSON.stringify(text).slice(1, 60);
}

/** The rule that it breaks, the status, and the whole head. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  ["RFC 9112 §2.2: a bare LF ends no line", 400, `GET / HTTP/1.1\n${HOST}\r\n`],
  ["RFC 9112 §2.2: a bare LF ends no field", 400, `GET / HTTP/1.1\r\nHost: a.test\n\r\n`],
  ["RFC 9112 §2.2: a bare CR", 400, `GET / HTTP/1.1\r\nA: b\rc\r\n${HOST}\r\n`],
  ["RFC 9112 §2.2: CR CR LF", 400, `GET / HTTP/1.1\r\r\n${HOST}\r\n`],
  ["RFC 9112 §2.2: a second empty line", 400, `\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
  [
    "RFC 9112 §2.2: white space before the first field",
    400,
    `GET / HTTP/1.1\r\n A: b\r\n${HOST}\r\n`,
  ],
  ["RFC 9112 §3: two spaces behind the method", 400, `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3: two spaces behind the target", 400, `GET /  HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3: a space at the beginning", 400, ` GET / HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3: a space at the end", 400, `GET / HTTP/1.1 \r\n${HOST}\r\n`],
  ["RFC 9112 §3: a tab between the parts", 400, `GET\t/\tHTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3: no version (HTTP/0.9)", 400, `GET /\r\n\r\n`],
  ["RFC 9112 §3: nothing but a word", 400, `GET\r\n\r\n`],
  ["RFC 9110 §5.6.2: a method that is no token", 400, `G(T / HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9110 §9.1: a method of 33 bytes", 400, `${"M".repeat(33)} / HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §2.3: a version in lower case", 400, `GET / http/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §2.3: a version of three digits", 400, `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ["RFC 9110 §15.6.6: HTTP/2.0", 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  ["RFC 9110 §15.6.6: HTTP/1.2", 505, `GET / HTTP/1.2\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2: a target without a slash", 400, `GET a HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2: a fragment", 400, `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2: a raw byte above ASCII", 400, `GET /\xe4 HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2.3: an authority for GET", 400, `GET a.test:80 HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2.4: an asterisk for GET", 400, `GET * HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2.2: a URL of another scheme", 400, `GET https://a.test/ HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2.2: a scheme that is not HTTP", 400, `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9110 §4.2.4: user information", 400, `GET http://a@b/ HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9110 §4.2.1: a URL without a host", 400, `GET http:/// HTTP/1.1\r\n${HOST}\r\n`],
  ["RFC 9112 §3.2: no Host in HTTP/1.1", 400, `GET / HTTP/1.1\r\n\r\n`],
  ["RFC 9112 §3.2: two Hosts", 400, `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
  ["RFC 9112 §3.2: an empty Host", 400, `GET / HTTP/1.1\r\nHost:\r\n\r\n`],
  ["RFC 9112 §3.2: a list as Host", 400, `GET / HTTP/1.1\r\nHost: a, b\r\n\r\n`],
  ["RFC 9112 §3.2: an invalid Host in HTTP/1.0", 400, `GET / HTTP/1.0\r\nHost: a b\r\n\r\n`],
  ["RFC 9112 §5: a line without a colon", 400, `GET / HTTP/1.1\r\n${HOST}AB\r\n\r\n`],
  ["RFC 9112 §5.1: a space before the colon", 400, `GET / HTTP/1.1\r\n${HOST}A : b\r\n\r\n`],
  ["RFC 9112 §5.1: a tab before the colon", 400, `GET / HTTP/1.1\r\n${HOST}A\t: b\r\n\r\n`],
  ["RFC 9110 §5.1: an empty name", 400, `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
  ["RFC 9110 §5.1: a name that is no token", 400, `GET / HTTP/1.1\r\n${HOST}A@: b\r\n\r\n`],
  ["RFC 9110 §5.1: a name above ASCII", 400, `GET / HTTP/1.1\r\n${HOST}\xe4: b\r\n\r\n`],
  ["RFC 9112 §5.2: obsolete folding", 400, `GET / HTTP/1.1\r\n${HOST}A: b\r\n c\r\n\r\n`],
  ["RFC 9112 §5.2: folding by a tab", 400, `GET / HTTP/1.1\r\n${HOST}A: b\r\n\tc: d\r\n\r\n`],
  ["RFC 9110 §5.5: NUL in a value", 400, `GET / HTTP/1.1\r\n${HOST}A: b\0c\r\n\r\n`],
  ["RFC 9110 §5.5: a control byte in a value", 400, `GET / HTTP/1.1\r\n${HOST}A: \x1b[m\r\n\r\n`],
  ["RFC 9110 §5.5: DEL in a value", 400, `GET / HTTP/1.1\r\n${HOST}A: \x7f\r\n\r\n`],
  [
    "RFC 9112 §6.3: both lengths",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.3: two Content-Lengths",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.3: a list as Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: a leading zero in Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 01\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: a signed Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: a negative Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: a hexadecimal Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x1\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: an empty Content-Length",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length:\r\n\r\n`,
  ],
  [
    "RFC 9110 §8.6: a Content-Length of 16 digits",
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: ${"1".repeat(16)}\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.1: a coding that is not chunked",
    400,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.1: chunked twice",
    400,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.1: two Transfer-Encodings",
    400,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  [
    "RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0",
    400,
    `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  ["RFC 9110 §9.3.1: GET with a body", 400, `GET / HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nx`],
  [
    "RFC 9110 §9.3.2: HEAD with a chunked body",
    400,
    `HEAD / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "RFC 9110 §10.1.1: an unknown expectation",
    417,
    `GET / HTTP/1.1\r\n${HOST}Expect: miracles\r\n\r\n`,
  ],
];

for (const [rule, status, text] of REFUSED) {
  test(`${rule} gets ${status} [${show(text)}]`, () => {
    assert.equal(refusalOf(text), status);
  });
}

const VALID = `GET /a%20b?c=d HTTP/1.1\r\n${HOST}Accept:\t text/html \r\naccept: a/b\r\nX-Odd!#$: \xe4\t,"\r\nReferer:\r\n\r\n`;
const SPLIT: readonly string[] = [
  VALID,
  `\r\n${VALID}`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\n`,
  `GET http://[::1]:80/x HTTP/1.0\r\n\r\n`,
  ...REFUSED.filter(([, , text]) => text.endsWith("\r\n\r\n")).map(([, , text]) => text),
];

test(`every input split at every byte has the same outcome (${SPLIT.length} inputs)`, () => {
  for (const text of SPLIT) {
    const whole = parseText(text);
    for (let cut = 1; cut < text.length; cut++) {
      const pieces = [text.slice(0, cut), text.slice(cut)];
      assert.deepEqual(parsePieces(pieces), whole, `${JSON.stringify(text)} cut at ${cut}`);
    }
    assert.deepEqual(parsePieces([...text]), whole, `${JSON.stringify(text)} byte by byte`);
  }
});

test("a valid head is read whole: names in lower case, lists joined, blanks trimmed", () => {
  const head = headOf(VALID);
  assert.equal(head.method, "GET");
  assert.equal(head.rawTarget, "/a%20b?c=d");
  assert.deepEqual(head.target, { rawPath: "/a%20b", rawQuery: "c=d" });
  assert.equal(head.protocol, "HTTP/1.1");
  assert.deepEqual(
    [...head.fields],
    [
      ["host", "a.test"],
      ["accept", "text/html, a/b"],
      ["referer", ""],
    ],
  );
});

const TARGETS: readonly (readonly [string, string, string, string | undefined])[] = [
  ["GET", "/", "/", undefined],
  ["GET", "/?", "/", ""],
  ["GET", "/a?b?c", "/a", "b?c"],
  ["GET", "//a", "//a", undefined],
  ["GET", "http://a.test", "/", undefined],
  ["GET", "HTTP://A.TEST:443/b?c", "/b", "c"],
  ["GET", "http://a.test?b", "/", "b"],
  ["OPTIONS", "*", "*", undefined],
  ["CONNECT", "a.test:443", "/", undefined],
];

for (const [method, target, rawPath, rawQuery] of TARGETS) {
  test(`the target of ${method} ${target} is ${rawPath} ${rawQuery}`, () => {
    assert.deepEqual(headOf(`${method} ${target} HTTP/1.1\r\n${HOST}\r\n`).target, {
      rawPath,
      rawQuery,
    });
  });
}

const KEPT: readonly (readonly [string, boolean])[] = [
  [`GET / HTTP/1.1\r\n${HOST}`, true],
  [`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n`, false],
  [`GET / HTTP/1.1\r\n${HOST}Connection: a, CLOSE\r\n`, false],
  [`GET / HTTP/1.1\r\n${HOST}Connection: a\r\nConnection: close\r\n`, false],
  [`GET / HTTP/1.1\r\n${HOST}Connection: closed\r\n`, true],
  [`GET / HTTP/1.0\r\n`, false],
  [`GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n`, true],
  [`GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n`, false],
  [`GET / HTTP/1.0\r\nConnection: a,\t Keep-Alive \t,b\r\n`, true],
  // A non-breaking space is no white space of HTTP's.
  [`GET / HTTP/1.0\r\nConnection: keep-alive\xa0\r\n`, false],
  [`GET / HTTP/1.1\r\n${HOST}Connection: \xa0close\r\n`, true],
  // What follows a body may be read otherwise by a proxy in front: it is never taken for a request.
  [`POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\n`, false],
  [`POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n`, false],
  [`POST / HTTP/1.1\r\n${HOST}`, true],
  [`GET / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n`, true],
  // Bytes of a tunnel that was never built may follow.
  [`CONNECT a.test:443 HTTP/1.1\r\n${HOST}`, false],
  [`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: Chunked\r\n`, false],
  [`POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nExpect: 100-continue\r\n`, false],
  [`GET / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nExpect: 100-Continue\r\n`, true],
];

for (const [fields, isKept] of KEPT) {
  const shown = fields.replaceAll(/\r\n(Host: a.test\r\n)?/g, "⏎");
  test(`RFC 9112 §9.3: the connection ${isKept ? "stays" : "ends"} after [${shown}]`, () => {
    assert.equal(headOf(`${fields}\r\n`).keepAlive, isKept);
  });
}

test("pipelined heads in one buffer are found one after the other", () => {
  const requests = [
    `GET /1 HTTP/1.1\r\n${HOST}\r\n`,
    `HEAD /2 HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`,
    `\r\nGET /3 HTTP/1.0\r\n\r\n`,
  ];
  const buffer = Buffer.from(`${requests.join("")}rest`);
  const parser = new RequestParser(httpLimits, new RequestHeadCache());
  let at = 0;
  for (const [index, request] of requests.entries()) {
    const outcome = parser.parse(buffer, at, buffer.length);
    assert.ok(outcome.kind === "head", JSON.stringify(outcome));
    assert.equal(outcome.head.rawTarget, `/${index + 1}`);
    assert.equal(outcome.endOffset, request.length);
    at += outcome.endOffset;
  }
  assert.equal(buffer.toString("latin1", at), "rest");
  assert.equal(parser.parse(buffer, at, buffer.length).kind, "incomplete");
});

const { requestLineBytesMax, fieldBytesMax, fieldsMax } = httpLimits;
const LINE = "GET / HTTP/1.1\r\n";
const LINE_REST_BYTES = "GET / HTTP/1.1".length;

/** A head whose field lines have exactly so many bytes together. */
function headOfFieldBytes(fieldBytes: number): string {
  const fields = `${HOST}A: `;
  return `${LINE}${fields}${"x".repeat(fieldBytes - fields.length - 2)}\r\n\r\n`;
}

function headOfFields(fieldCount: number): string {
  return `${LINE}${HOST}${"A: b\r\n".repeat(fieldCount - 1)}\r\n`;
}

const LIMITS: readonly (readonly [string, string, number | "head" | "incomplete"])[] = [
  [
    "a request line of 8192 bytes",
    `GET /${"x".repeat(requestLineBytesMax - LINE_REST_BYTES)} HTTP/1.1\r\n${HOST}\r\n`,
    "head",
  ],
  [
    "a request line of 8193 bytes",
    `GET /${"x".repeat(requestLineBytesMax - LINE_REST_BYTES + 1)} HTTP/1.1\r\n${HOST}\r\n`,
    414,
  ],
  ["8192 bytes of a request line so far", "x".repeat(requestLineBytesMax), "incomplete"],
  ["8193 bytes of a request line so far", "x".repeat(requestLineBytesMax + 1), 414],
  ["8192 bytes behind an empty line", `\r\n${"x".repeat(requestLineBytesMax)}`, "incomplete"],
  ["field lines of 16384 bytes", headOfFieldBytes(fieldBytesMax), "head"],
  ["field lines of 16385 bytes", headOfFieldBytes(fieldBytesMax + 1), 431],
  [
    "16384 bytes of field lines so far",
    headOfFieldBytes(fieldBytesMax + 9).slice(0, LINE.length + fieldBytesMax),
    "incomplete",
  ],
  [
    "16385 bytes of field lines so far",
    headOfFieldBytes(fieldBytesMax + 9).slice(0, LINE.length + fieldBytesMax + 1),
    431,
  ],
  ["100 fields", headOfFields(fieldsMax), "head"],
  ["101 fields", headOfFields(fieldsMax + 1), 431],
  ["a method of 32 bytes", `${"M".repeat(32)} / HTTP/1.1\r\n${HOST}\r\n`, "head"],
];

for (const [what, text, expected] of LIMITS) {
  test(`${what}: ${expected}`, () => {
    const outcome = refusalOf(text);
    assert.equal(outcome, expected);
    const middle = Math.floor(text.length / 2);
    const halves = parsePieces([text.slice(0, middle), text.slice(middle)]);
    assert.equal(halves.kind === "refused" ? halves.refusal.status : halves.kind, expected);
  });
}

test("a refusal knows the method once the request line was right [HEAD, then a bad field]", () => {
  const formOf = (text: string) => {
    const outcome = parseText(text);
    assert.ok(outcome.kind === "refused");
    return outcome.form;
  };
  assert.equal(formOf(`HEAD / HTTP/1.1\r\n${HOST}A : b\r\n\r\n`)?.method, "HEAD");
  assert.equal(formOf(`HEAD / HTTP/1.1\r\n${HOST}A\nb`)?.method, "HEAD");
  assert.equal(formOf(`HEAD  / HTTP/1.1\r\n${HOST}\r\n`), undefined);
});

test("after a head the parser starts afresh [an empty line is allowed again]", () => {
  const parser = new RequestParser(httpLimits, new RequestHeadCache());
  for (const text of [VALID, `\r\n${VALID}`, `\r\n${VALID}`, VALID]) {
    const buffer = Buffer.from(text, "latin1");
    const outcome = parser.parse(buffer, 0, buffer.length);
    assert.ok(outcome.kind === "head");
    assert.equal(outcome.endOffset, text.length);
  }
});

function isPlain(byte: number, isBeyondAsciiAllowed: boolean): boolean {
  return byte >= 0x20 && byte !== 0x7f && (byte < 0x80 || isBeyondAsciiAllowed);
}

test("what is passed over is plain, and it stops within four bytes of what is not", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const plain = fc.integer({ min: 0x20, max: 0x7e });
  const byte = fc.oneof({ weight: 30, arbitrary: plain }, fc.integer({ min: 0, max: 255 }));
  const bytes = fc.array(byte, { maxLength: 100 }).map((numbers) => Buffer.from(numbers));
  const property = fc.property(bytes, fc.nat(20), fc.boolean(), (buffer, from, isAllowed) => {
    const start = Math.min(from, buffer.length);
    const end = skipPlainBytes(buffer, start, buffer.length, isAllowed);
    for (let at = start; at < end; at++) assert.ok(isPlain(buffer[at] as number, isAllowed));
    const isStopped = buffer.subarray(end, end + 4).some((one) => !isPlain(one, isAllowed));
    assert.ok(isStopped || end > buffer.length - 4, `stops at ${end} of ${buffer.length}`);
  });
  fc.assert(property, { seed, numRuns: 5000 });
});

for (const wrong of [0x00, 0x0a, 0x0d, 0x1f, 0x7f, 0x80, 0xff]) {
  test(`a byte 0x${wrong.toString(16)} is found at every place in a word`, () => {
    for (let at = 0; at < 16; at++) {
      const bytes = Buffer.alloc(20, "x");
      bytes[at] = wrong;
      const end = skipPlainBytes(bytes, 0, bytes.length, false);
      assert.ok(end <= at && end > at - 4, `${end} for ${at}`);
    }
  });
}
