import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadMethod } from "./response-head.ts";
import { type ParserProgress, ResponseParser } from "./response-parser.ts";

/** Feeds the parts; null stands for the server's close. */
function parse(parts: readonly (string | null)[], method: LoadMethod = "GET"): ParserProgress {
  const parser = new ResponseParser(method);
  let progress: ParserProgress = { kind: "incomplete" };
  for (const part of parts) {
    progress = part === null ? parser.end() : parser.push(Buffer.from(part, "latin1"));
  }
  return progress;
}

/** In a word or two: `200 12 kept`, `garbage: why`, `incomplete`. */
function describe(progress: ParserProgress): string {
  if (progress.kind === "incomplete") return "incomplete";
  if (progress.kind === "failed") return `${progress.reason}: ${progress.detail}`;
  const { status, bodyBytes, isKeptAlive } = progress.response;
  return `${status} ${bodyBytes} ${isKeptAlive ? "kept" : "closing"}`;
}

interface Case {
  readonly name: string;
  readonly bytes: string;
  readonly method?: LoadMethod;
  /** After the bytes, with the connection open. */
  readonly whileOpen: string;
  /** After the bytes and the server's close, where that differs. */
  readonly closed?: string;
}

const head = "HTTP/1.1 200 OK\r\n";
const chunkedHead = `${head}Transfer-Encoding: chunked\r\n\r\n`;

const cases: readonly Case[] = [
  {
    name: "a body with its length",
    bytes: `${head}Content-Length: 5\r\n\r\nhello`,
    whileOpen: "200 5 kept",
  },
  {
    name: "a length of 0",
    bytes: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    whileOpen: "404 0 closing",
  },
  {
    name: "a body until the close",
    bytes: `${head}\r\nhello`,
    whileOpen: "incomplete",
    closed: "200 5 closing",
  },
  {
    name: "chunks with an extension and a trailer",
    bytes: `${chunkedHead}5\r\nhello\r\nA ;x=y\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n`,
    whileOpen: "200 15 kept",
  },
  { name: "chunks of nothing", bytes: `${chunkedHead}000\r\n\r\n`, whileOpen: "200 0 kept" },
  {
    name: "HEAD with a length",
    method: "HEAD",
    bytes: `${head}Content-Length: 5\r\n\r\n`,
    whileOpen: "200 0 kept",
  },
  { name: "204 without a length", bytes: "HTTP/1.1 204 \r\n\r\n", whileOpen: "204 0 kept" },
  {
    name: "304 with a length",
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    whileOpen: "304 0 kept",
  },
  {
    name: "interim answers before the real one",
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n${head}Content-Length: 1\r\n\r\nx`,
    whileOpen: "200 1 kept",
  },
  {
    name: "HTTP/1.0",
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    whileOpen: "200 1 closing",
  },
  {
    name: "more than the length",
    bytes: `${head}Content-Length: 5\r\n\r\nhello!`,
    whileOpen: "wrong-length: more bytes came after the end of the answer",
  },
  {
    name: "a body after HEAD",
    method: "HEAD",
    bytes: `${head}Content-Length: 5\r\n\r\nhello`,
    whileOpen: "wrong-length: more bytes came after the end of the answer",
  },
  {
    name: "less than the length",
    bytes: `${head}Content-Length: 5\r\n\r\nhel`,
    whileOpen: "incomplete",
    closed: "wrong-length: 3 of 5 bytes of the body came",
  },
  {
    name: "nothing",
    bytes: "",
    whileOpen: "incomplete",
    closed: "closed-early: the connection was closed before the head was complete",
  },
  {
    name: "half a head",
    bytes: "HTTP/1.1 200 OK\r\nContent-",
    whileOpen: "incomplete",
    closed: "closed-early: the connection was closed before the head was complete",
  },
  {
    name: "chunks without a last one",
    bytes: `${chunkedHead}5\r\nhello\r\n`,
    whileOpen: "incomplete",
    closed: "closed-early: the connection was closed before the last chunk",
  },
  {
    name: "another protocol, without a line's end",
    bytes: "SSH-2.0-x",
    whileOpen: "garbage: the answer does not begin with HTTP/1.",
  },
  {
    name: "lines that end in LF alone",
    bytes: "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    whileOpen: "garbage: a line does not end with CR LF",
  },
  {
    name: "CR within a line",
    bytes: `${head}X-A: b\rContent-Length: 0\r\n\r\n`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "a folded field",
    bytes: `${head}X-A: b\r\n c\r\n\r\n`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "two lengths",
    bytes: `${head}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    whileOpen: "garbage: the Content-Length is not one number",
  },
  {
    name: "a length and chunks",
    bytes: `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    whileOpen: "garbage: both Content-Length and Transfer-Encoding",
  },
  {
    name: "a chunk longer than its size",
    bytes: `${chunkedHead}5\r\nhello!\r\n0\r\n\r\n`,
    whileOpen: "garbage: a chunk is longer than its size",
  },
  {
    name: "a chunk size with a sign",
    bytes: `${chunkedHead}-1\r\n`,
    whileOpen: "garbage: a malformed chunk size",
  },
  {
    name: "a malformed trailer",
    bytes: `${chunkedHead}0\r\nno colon\r\n\r\n`,
    whileOpen: "garbage: a malformed trailer",
  },
  {
    name: "a chunk line of 5000 bytes",
    bytes: `${chunkedHead}1;${"x".repeat(5000)}\r\n`,
    whileOpen: "garbage: a line is too long",
  },
  {
    name: "a switch of protocols that nobody asked for",
    bytes: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    whileOpen: "garbage: status 101 was not asked for",
  },
];

for (const { name, bytes, method, whileOpen, closed = whileOpen } of cases) {
  test(`the parser reads ${name}, in one piece or cut anywhere`, () => {
    assert.equal(describe(parse([bytes], method)), whileOpen);
    assert.equal(describe(parse([bytes, null], method)), closed);
    for (let at = 0; at <= bytes.length; at++) {
      const parts = [bytes.slice(0, at), bytes.slice(at)];
      assert.equal(describe(parse(parts, method)), whileOpen, `cut at ${at}`);
      assert.equal(describe(parse([...parts, null], method)), closed, `cut at ${at}, closed`);
    }
    assert.equal(describe(parse([...bytes, null], method)), closed, "byte by byte");
  });
}

test("a head of 64 KiB is read, and one byte more is not", () => {
  const rest = "Content-Length: 0\r\n\r\n";
  const room = 64 * 1024 - head.length - rest.length - "X-A: \r\n".length;
  const answer = (valueBytes: number) => `${head}X-A: ${"a".repeat(valueBytes)}\r\n${rest}`;
  assert.equal(describe(parse([answer(room)])), "200 0 kept");
  assert.equal(describe(parse([answer(room + 1)])), "garbage: a line is too long");
});

test("interim answers without end stop at the bound of the head", () => {
  const parser = new ResponseParser("GET");
  let progress = parser.push(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"));
  let pushCount = 1;
  while (progress.kind === "incomplete" && pushCount < 5000) {
    progress = parser.push(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"));
    pushCount++;
  }
  assert.equal(describe(progress), "garbage: a line is too long");
});

test("fields are given by lower-case name, repeated ones joined", () => {
  const progress = parse([`${head}X-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n`]);
  assert.equal(progress.kind, "complete");
  const response = progress.kind === "complete" ? progress.response : undefined;
  assert.equal(response?.reasonPhrase, "OK");
  assert.deepEqual(
    [...response!.fields],
    [
      ["x-a", "1, 2"],
      ["content-length", "0"],
    ],
  );
});
