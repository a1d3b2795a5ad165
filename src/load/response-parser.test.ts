import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadCache, type LoadMethod, listOddities } from "./response-head.ts";
import { ResponseParser } from "./response-parser.ts";

/** Feeds the parts; null stands for the server's close. Gives a word or two: see `describe`. */
function parse(
  parts: readonly (string | null)[],
  method: LoadMethod = "GET",
  heads = new HeadCache(),
): string {
  const parser = new ResponseParser({ method, heads });
  let hasSurplus = false;
  for (const part of parts) {
    const chunk = Buffer.from(part ?? "", "latin1");
    if (part === null) parser.end();
    else if (parser.read(chunk, 0, chunk.length) < chunk.length) hasSurplus = true;
  }
  return describe(parser, hasSurplus);
}

/** `200 12 kept`, `garbage: why`, `incomplete`; with `surplus` when bytes were left behind the end. */
function describe(parser: ResponseParser, hasSurplus = false): string {
  const { fault, status, bodyBytes } = parser;
  if (fault !== undefined) return `${fault.reason}: ${fault.detail}`;
  if (!parser.isComplete) return "incomplete";
  const odd = listOddities(parser.oddities).map((kind) => ` ${kind}`);
  const words = `${status} ${bodyBytes} ${parser.isKeptAlive ? "kept" : "closing"}${odd.join("")}`;
  return hasSurplus ? `${words} surplus` : words;
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
    whileOpen: "200 5 kept surplus",
  },
  {
    name: "a body after HEAD",
    method: "HEAD",
    bytes: `${head}Content-Length: 5\r\n\r\nhello`,
    whileOpen: "200 0 kept surplus",
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
    whileOpen: "200 0 kept line-end",
  },
  {
    name: "chunks whose lines end in LF alone",
    bytes: "HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n5\nhello\n0\n\n",
    whileOpen: "200 5 kept line-end",
  },
  {
    name: "a chunk extension in a line that ends in LF alone",
    bytes: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;x\nhello\n0\n\n",
    whileOpen: "garbage: a line does not end with CR LF",
  },
  {
    name: "a chunk that is one byte longer than its size, with LF alone",
    bytes: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhello\n0\n\n",
    whileOpen: "garbage: a chunk is longer than its size",
  },
  {
    name: "LF within a value of a head with CR LF, as a split answer has it",
    bytes: `${head}X-A: b\nContent-Length: 0\r\n\r\n`,
    whileOpen: "garbage: lines end in CR LF and in LF alone",
  },
  {
    name: "CR LF in the chunks of a head with LF alone",
    bytes: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n",
    whileOpen: "garbage: lines end in CR LF and in LF alone",
  },
  {
    name: "a status line without the blank before an absent reason",
    bytes: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    whileOpen: "200 0 kept status-line",
  },
  {
    name: "two blanks in the status line",
    bytes: "HTTP/1.1  404  Not Found\r\nContent-Length: 0\r\n\r\n",
    whileOpen: "404 0 kept status-line",
  },
  {
    name: "HTTP in lower case",
    bytes: "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    whileOpen: "200 0 kept status-line",
  },
  {
    name: "a status line without a status",
    bytes: "HTTP/1.1 OK\r\n\r\n",
    whileOpen: "garbage: a malformed status line",
  },
  {
    name: "another version of HTTP",
    bytes: "HTTP/1.2 200 OK\r\n\r\n",
    whileOpen: "garbage: a malformed status line",
  },
  {
    name: "CR within a line",
    bytes: `${head}X-A: b\rContent-Length: 0\r\n\r\n`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "a folded field",
    bytes: `${head}X-A: b\r\n c\r\n\t d\r\nContent-Length: 0\r\n\r\n`,
    whileOpen: "200 0 kept folded-field",
  },
  {
    name: "a folded length",
    bytes: `${head}Content-Length: 5\r\n 6\r\n\r\nhello`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "a fold where no field is",
    bytes: `${head} X-A: b\r\n\r\n`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "a space before a colon",
    bytes: `${head}X-A : b\r\nContent-Length: 0\r\n\r\n`,
    whileOpen: "200 0 kept space-before-colon",
  },
  {
    name: "a space before the colon of the coding",
    bytes: `${head}Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n`,
    whileOpen: "garbage: a malformed header field",
  },
  {
    name: "spaces behind a value",
    bytes: `${head}X-A: b \t \r\nContent-Length: 0  \r\n\r\n`,
    whileOpen: "200 0 kept",
  },
  {
    name: "one length twice",
    bytes: `${head}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    whileOpen: "200 5 kept repeated-length",
  },
  {
    name: "one length twice in one field",
    bytes: `${head}Content-Length: 5, 5\r\n\r\nhello`,
    whileOpen: "200 5 kept repeated-length",
  },
  {
    name: "two lengths",
    bytes: `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    whileOpen: "garbage: the Content-Length is not one number",
  },
  {
    name: "two spellings of a length",
    bytes: `${head}Content-Length: 5\r\nContent-Length: 05\r\n\r\nhello`,
    whileOpen: "garbage: the Content-Length is not one number",
  },
  {
    name: "empty lines before the answer",
    bytes: `\r\n\n${head}Content-Length: 0\r\n\r\n`,
    whileOpen: "200 0 kept blank-line",
  },
  {
    name: "three empty lines before the answer",
    bytes: `\r\n\r\n\r\n${head}Content-Length: 0\r\n\r\n`,
    whileOpen: "garbage: empty lines instead of an answer",
  },
  {
    name: "empty lines and the close",
    bytes: "\r\n",
    whileOpen: "incomplete",
    closed: "closed-early: the connection was closed before the head was complete",
  },
  {
    name: "odd in three ways",
    bytes: "\nHTTP/1.1 200\nX-A : b\nContent-Length: 0\n\n",
    whileOpen: "200 0 kept status-line line-end space-before-colon blank-line",
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
    const heads = new HeadCache();
    assert.equal(parse([bytes], method, heads), whileOpen);
    assert.equal(parse([bytes], method, heads), whileOpen, "with a head that is known");
    assert.equal(parse([bytes, null], method, heads), closed);
    for (let at = 0; at <= bytes.length; at++) {
      const parts = [bytes.slice(0, at), bytes.slice(at)];
      for (const cache of [new HeadCache(), heads]) {
        assert.equal(parse(parts, method, cache), whileOpen, `cut at ${at}`);
        assert.equal(parse([...parts, null], method, cache), closed, `cut at ${at}, closed`);
      }
    }
    assert.equal(parse([...bytes, null], method), closed, "byte by byte");
  });
}

test("a head of 64 KiB is read, and one byte more is not", () => {
  const rest = "Content-Length: 0\r\n\r\n";
  const room = 64 * 1024 - head.length - rest.length - "X-A: \r\n".length;
  const answer = (valueBytes: number) => `${head}X-A: ${"a".repeat(valueBytes)}\r\n${rest}`;
  assert.equal(parse([answer(room)]), "200 0 kept");
  assert.equal(parse([answer(room + 1)]), "garbage: a line is too long");
});

test("interim answers without end stop at the bound of the head", () => {
  const parser = new ResponseParser({ method: "GET" });
  const interim = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
  let readCount = 0;
  while (parser.fault === undefined && readCount < 5000) {
    parser.read(interim, 0, interim.length);
    readCount++;
  }
  assert.equal(describe(parser), "garbage: a line is too long");
});

test("fields are given by lower-case name, repeated ones joined, and the same when known", () => {
  const bytes = Buffer.from(`${head}X-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n`);
  const parser = new ResponseParser({ method: "GET" });
  for (let count = 0; count < 2; count++) {
    parser.reset();
    parser.read(bytes, 0, bytes.length);
    assert.equal(parser.reasonPhrase, "OK");
    assert.deepEqual(
      [...parser.fields],
      [
        ["x-a", "1, 2"],
        ["content-length", "0"],
      ],
    );
  }
});

test("three answers in one piece are read one after the other", () => {
  const texts = [`${head}Content-Length: 2\r\n\r\nab`, `${chunkedHead}3\r\nabc\r\n0\r\n\r\n`];
  const bytes = Buffer.from([texts[0], texts[1], texts[0]].join(""));
  const parser = new ResponseParser({ method: "GET" });
  const found: string[] = [];
  for (let at = 0; at < bytes.length; parser.reset()) {
    at = parser.read(bytes, at, bytes.length);
    found.push(describe(parser));
  }
  assert.deepEqual(found, ["200 2 kept", "200 3 kept", "200 2 kept"]);
});

test("bytes behind the end of what was read are not looked at", () => {
  const stale = Buffer.from(`${head}Content-Length: 0\r\n\r\n`);
  const parser = new ResponseParser({ method: "GET" });
  assert.equal(parser.read(stale, 0, 10), 10);
  assert.equal(describe(parser), "incomplete");
  assert.equal(parser.read(stale, 10, stale.length), stale.length);
  assert.equal(describe(parser), "200 0 kept");
});
