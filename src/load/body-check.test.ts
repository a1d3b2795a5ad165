import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyReader, DistinctBodies } from "./body-check.ts";

function digest(...parts: string[]): string {
  const reader = new BodyReader();
  for (const part of parts) reader.push(Buffer.from(part), 0, part.length);
  return reader.take();
}

test("a body has one digest however it is cut, and another body another", () => {
  assert.equal(digest("hello"), digest("he", "l", "lo"));
  assert.notEqual(digest("hello"), digest("hellO"));
  assert.notEqual(digest(), digest("hello"));
});

test("a reader reads one body after the other, and only from `at` to `end`", () => {
  const reader = new BodyReader();
  const chunk = Buffer.from("xhellox");
  reader.push(chunk, 1, 6);
  const first = reader.take();
  chunk.fill("h", 0, 1);
  reader.push(Buffer.from("hello"), 0, 5);
  assert.equal(reader.take(), first);
  assert.equal(first, digest("hello"));
});

test("different bodies are counted for each URL apart, and those of two threads together", () => {
  const bodies = new DistinctBodies();
  assert.equal(bodies.distinctCount, 0);
  bodies.record(0, "a");
  bodies.record(1, "b");
  bodies.record(0, "a");
  assert.equal(bodies.distinctCount, 1);
  const others = new DistinctBodies();
  others.record(1, "c");
  bodies.add(others.digests);
  assert.equal(bodies.distinctCount, 2);
});

test("no more than 1000 digests of a URL are kept", () => {
  const bodies = new DistinctBodies();
  for (let index = 0; index < 1500; index++) bodies.record(0, String(index));
  assert.equal(bodies.distinctCount, 1000);
});
