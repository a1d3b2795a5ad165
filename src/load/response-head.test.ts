import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decideBodyFraming,
  HeadCache,
  isKeptAlive,
  parseFieldLine,
  parseStatusLine,
  type StatusLine,
} from "./response-head.ts";

const ok: StatusLine = { minorVersion: 1, status: 200, reasonPhrase: "OK" };
const fields = (entries: Record<string, string>) => new Map(Object.entries(entries));

test("status lines are read, with an empty reason too (RFC 9112 section 4)", () => {
  assert.deepEqual(parseStatusLine("HTTP/1.1 404 Not Found"), {
    minorVersion: 1,
    status: 404,
    reasonPhrase: "Not Found",
    isOdd: false,
  });
  assert.deepEqual(parseStatusLine("HTTP/1.0 200 "), {
    minorVersion: 0,
    status: 200,
    reasonPhrase: "",
    isOdd: false,
  });
});

for (const line of ["HTTP/1.1 200", "HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "http/1.1 200 OK"]) {
  test(`a status line is odd and read all the same (${JSON.stringify(line)})`, () => {
    const statusLine = parseStatusLine(line);
    assert.ok(statusLine !== "malformed");
    assert.deepEqual([statusLine.status, statusLine.isOdd], [200, true]);
  });
}

for (const line of [
  "HTTP/1.1 2000 OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 099 Low",
  "HTTP/2.0 200 OK",
  "HTTP/1.1200 OK",
  "HTTP/1.1 200OK",
  "HTTP/1.1 200 O\rK",
  " HTTP/1.1 200 OK",
]) {
  test(`a status line is malformed (${JSON.stringify(line)})`, () => {
    assert.equal(parseStatusLine(line), "malformed");
  });
}

test("a field's name is lowered, its value trimmed and otherwise untouched", () => {
  assert.deepEqual(parseFieldLine("X-A:\t b  c \t"), {
    name: "x-a",
    value: "b  c",
    isOdd: false,
  });
  assert.deepEqual(parseFieldLine("X-A:"), { name: "x-a", value: "", isOdd: false });
});

for (const line of [
  "X A: b",
  "Content-Length : 5",
  " X-A: b",
  ": b",
  "X-A",
  "X-A: b\rc",
  "X-A: \0",
  "\tb",
]) {
  test(`a field line is malformed (${JSON.stringify(line)})`, () => {
    assert.equal(parseFieldLine(line), "malformed");
  });
}

test("HEAD, 204 and 304 have no body whatever their length says (RFC 9112 section 6.3)", () => {
  const length = fields({ "content-length": "5" });
  assert.equal(decideBodyFraming("HEAD", ok, length).kind, "none");
  assert.equal(decideBodyFraming("GET", { ...ok, status: 204 }, length).kind, "none");
  assert.equal(decideBodyFraming("GET", { ...ok, status: 304 }, length).kind, "none");
});

test("a body is framed by chunks, by its length, or else by the close", () => {
  const chunked = fields({ "transfer-encoding": "Chunked" });
  assert.deepEqual(decideBodyFraming("GET", ok, chunked), { kind: "chunked" });
  assert.deepEqual(decideBodyFraming("GET", ok, fields({ "content-length": "0012" })), {
    kind: "length",
    bodyBytes: 12,
  });
  assert.deepEqual(decideBodyFraming("GET", ok, fields({})), { kind: "until-close" });
});

for (const entries of [
  { "content-length": "" },
  { "content-length": "5, 6" },
  { "content-length": "5, 05" },
  { "content-length": "5," },
  { "content-length": "+5" },
  { "content-length": "0x5" },
  { "content-length": "9999999999999999" },
  { "content-length": "5", "transfer-encoding": "chunked" },
  { "transfer-encoding": "gzip, chunked" },
  { "transfer-encoding": "chunked, chunked" },
] as Record<string, string>[]) {
  test(`the framing is garbage (${JSON.stringify(entries)})`, () => {
    assert.equal(decideBodyFraming("GET", ok, fields(entries)).kind, "garbage");
  });
}

test("HTTP/1.0 knows no chunks", () => {
  const chunked = fields({ "transfer-encoding": "chunked" });
  assert.equal(decideBodyFraming("GET", { ...ok, minorVersion: 0 }, chunked).kind, "garbage");
});

test("HTTP/1.1 is kept alive unless it says close, HTTP/1.0 only if it says keep-alive", () => {
  const old: StatusLine = { ...ok, minorVersion: 0 };
  assert.equal(isKeptAlive(ok, fields({})), true);
  assert.equal(isKeptAlive(ok, fields({ connection: "x , CLOSE" })), false);
  assert.equal(isKeptAlive(ok, fields({ connection: "closed" })), true);
  assert.equal(isKeptAlive(old, fields({})), false);
  assert.equal(isKeptAlive(old, fields({ connection: "Keep-Alive" })), true);
  assert.equal(isKeptAlive(old, fields({ connection: "keep-alive, close" })), false);
});

const facts = {
  statusLine: { minorVersion: 1, status: 200, reasonPhrase: "OK" },
  fields: new Map<string, string>(),
  framing: { kind: "length", bodyBytes: 1 },
  isKeptAlive: true,
  oddities: 0,
} as const;

function keep(cache: HeadCache, text: string): void {
  cache.keep(Buffer.from(text), 0, text.length, facts);
}

test("a kept head is found where it is complete, at its place, and nowhere else", () => {
  const cache = new HeadCache();
  keep(cache, "HEAD");
  const find = (text: string, at = 0, end = text.length) => cache.find(Buffer.from(text), at, end);
  assert.equal(find("HEAD")?.bytes.toString(), "HEAD");
  assert.equal(find("HEADx")?.framing, facts.framing);
  assert.ok(find("xHEAD", 1));
  for (const other of ["HEA", "HEAd", "xHEAD", ""]) assert.equal(find(other), undefined, other);
  assert.equal(find("HEAD", 0, 3), undefined);
});

test("what is kept is a copy: the buffer it came in is used again", () => {
  const cache = new HeadCache();
  const buffer = Buffer.from("HEAD");
  cache.keep(buffer, 0, 4, facts);
  buffer.fill(0);
  assert.ok(cache.find(Buffer.from("HEAD"), 0, 4));
});

test("the fifth head takes the place of the first, and one of 3000 bytes is not kept", () => {
  const cache = new HeadCache();
  const long = "x".repeat(3000);
  for (const text of [long, "A", "B", "C", "D", "E"]) keep(cache, text);
  const found = [long, "A", "B", "C", "D", "E"].map(
    (text) => cache.find(Buffer.from(text), 0, text.length) !== undefined,
  );
  assert.deepEqual(found, [false, false, true, true, true, true]);
});
