import assert from "node:assert/strict";
import { test } from "node:test";
import { readFully } from "./source.ts";

const CONTENT = Buffer.from("0123456789");

/** Gives three bytes at most a read; from the read with the number `waitsFrom` on as a promise. */
function sourceOfThrees(waitsFrom = Number.POSITIVE_INFINITY) {
  let readCount = 0;
  return {
    read(into: Buffer, position: number): number | Promise<number> {
      const bytes = CONTENT.copy(into, 0, position, Math.min(position + 3, CONTENT.length));
      readCount++;
      return readCount >= waitsFrom ? Promise.resolve(bytes) : bytes;
    },
  };
}

test("a source that answers at once fills the buffer without a promise [3 bytes a read]", () => {
  const into = Buffer.alloc(8);
  assert.equal(readFully(sourceOfThrees(), into, 1), 8);
  assert.equal(into.toString(), "12345678");
});

for (const waitsFrom of [1, 2, 3]) {
  test(`a source that answers later fills the buffer too [from read ${waitsFrom} on]`, async () => {
    const into = Buffer.alloc(8);
    const reading = readFully(sourceOfThrees(waitsFrom), into, 1);
    assert.ok(reading instanceof Promise);
    assert.equal(await reading, 8);
    assert.equal(into.toString(), "12345678");
  });

  test(`a source that ends before gives fewer bytes [from read ${waitsFrom} on later]`, async () => {
    const into = Buffer.alloc(12);
    assert.equal(await readFully(sourceOfThrees(waitsFrom), into, 4), 6);
    assert.equal(into.toString("latin1", 0, 6), "456789");
  });
}

test("an empty buffer is full without a read, and a source at its end gives nothing", () => {
  const source = {
    read(): number {
      throw new Error("nothing is to be read");
    },
  };
  assert.equal(readFully(source, Buffer.alloc(0), 0), 0);
  assert.equal(readFully(sourceOfThrees(), Buffer.alloc(4), CONTENT.length), 0);
});

test("what the source throws or rejects with reaches the caller", async () => {
  const error = new Error("the disk is broken");
  const throwing = {
    read(): number {
      throw error;
    },
  };
  assert.throws(() => readFully(throwing, Buffer.alloc(1), 0), error);
  const rejecting = { read: () => Promise.reject(error) };
  await assert.rejects(async () => readFully(rejecting, Buffer.alloc(1), 0), error);
});
