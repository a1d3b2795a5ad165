import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadCache } from "./head-cache.ts";

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

test("a kept head is found where it stands whole, at its place, and nowhere else", () => {
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
