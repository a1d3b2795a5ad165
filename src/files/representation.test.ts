import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesSource } from "./representation.ts";

test("bytes at hand are read from any place, up to their end [abcdef]", async () => {
  const source = new BytesSource(Buffer.from("abcdef"));
  const read = async (position: number, lengthBytes: number) => {
    const into = Buffer.alloc(lengthBytes);
    return into.toString("latin1", 0, await source.read(into, position));
  };
  assert.equal(await read(0, 3), "abc");
  assert.equal(await read(3, 10), "def");
  assert.equal(await read(5, 1), "f");
  assert.equal(await read(6, 4), "");
  assert.equal(await read(100, 4), "");
});

test("bytes at hand can be read by others after one has closed them", async () => {
  const bytes = Buffer.from("abc");
  const [one, other] = [new BytesSource(bytes), new BytesSource(bytes)];
  one.close();
  assert.equal(other.isUnchanged(), true);
  const into = Buffer.alloc(3);
  assert.equal(await other.read(into, 0), 3);
  assert.ok(into.equals(bytes));
});
