import assert from "node:assert/strict";
import { test } from "node:test";
import { InputBuffer } from "./input-buffer.ts";

test("what is added is there in order, what was used is not [16 KiB, a byte at a time]", () => {
  const input = new InputBuffer();
  const bytes = Buffer.from(Array.from({ length: 16 * 1024 }, (_, at) => (at * 7) & 0xff));
  for (let at = 0; at < bytes.length; at++) input.append(bytes, at, at + 1);
  assert.ok(input.bytes.equals(bytes));
  input.drop(10_000);
  input.append(bytes, 5, 2000);
  const expected = Buffer.concat([bytes.subarray(10_000), bytes.subarray(5, 2000)]);
  assert.ok(input.bytes.equals(expected));
  assert.equal(input.length, expected.length);
  input.drop(expected.length);
  assert.equal(input.length, 0);
  assert.equal(input.bytes.length, 0);
});

test("a view stays as it is while more is added behind it", () => {
  const input = new InputBuffer();
  input.append(Buffer.from("first"), 0, 5);
  const view = input.bytes;
  for (let count = 0; count < 1000; count++) input.append(Buffer.from("more"), 0, 4);
  assert.equal(view.toString(), "first");
});

test("a head that comes a byte at a time makes few buffers, whatever its length", () => {
  const input = new InputBuffer();
  const rooms = new Set<ArrayBufferLike>();
  const byte = Buffer.from("a");
  for (let count = 0; count < 16 * 1024; count++) {
    input.append(byte, 0, 1);
    rooms.add(input.bytes.buffer);
  }
  assert.ok(rooms.size <= 6, `${rooms.size} buffers`);
});
