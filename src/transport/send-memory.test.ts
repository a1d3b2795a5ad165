import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_BYTES_MAX, type SendHolder, SendMemory } from "./send-memory.ts";

const KIB = 1024;

class Holder implements SendHolder {
  isEnded = false;

  endForRoom(): void {
    this.isEnded = true;
  }
}

test("pieces shrink as the memory fills, from 128 KiB to 8 KiB, and grow again as it empties", () => {
  const memory = new SendMemory(1000 * KIB);
  const holder = new Holder();
  const sizes = [0, 124, 126, 249, 251, 499, 501, 749, 751, 1000, 0].map((kib) => {
    memory.hold(holder, kib * KIB, undefined);
    return memory.pieceBytes / KIB;
  });
  assert.deepEqual(sizes, [128, 128, 64, 64, 32, 32, 16, 16, 8, 8, 128]);
});

test("when there is no room the holder that has taken nothing for longest is ended; one that takes stays", () => {
  let endedCount = 0;
  const memory = new SendMemory(100, () => endedCount++);
  const [first, second, third, fourth] = [new Holder(), new Holder(), new Holder(), new Holder()];
  memory.hold(first, 40, undefined);
  memory.hold(second, 40, undefined);
  memory.hold(first, 40, undefined);
  memory.hold(third, 20, undefined);
  assert.equal(endedCount, 0);
  memory.hold(fourth, 30, undefined);
  assert.deepEqual(
    [first, second, third, fourth].map(({ isEnded }) => isEnded),
    [false, true, false, false],
  );
  assert.equal(memory.bytes, 90);
  assert.equal(endedCount, 1);
  memory.release(first);
  assert.equal(memory.bytes, 50);
});

test("one that holds more than there is is not ended for itself", () => {
  const memory = new SendMemory(100);
  const holder = new Holder();
  memory.hold(holder, 5000, undefined);
  assert.equal(holder.isEnded, false);
});

test("memory that several answers read from counts once, as long as one of them does", () => {
  const memory = new SendMemory(1_000_000);
  const shared = Buffer.allocUnsafeSlow(300_000);
  const [one, other] = [new Holder(), new Holder()];
  memory.hold(one, 10, shared);
  memory.hold(other, 10, shared.subarray(1000));
  memory.hold(other, 20, shared);
  assert.equal(memory.bytes, 300_030);
  memory.release(one);
  assert.equal(memory.bytes, 300_020);
  memory.release(other);
  memory.release(other);
  assert.equal(memory.bytes, 0);
});

test("a piece that was given back is the next one of its size", () => {
  const memory = new SendMemory(1_000_000);
  const large = memory.takePiece(PIECE_BYTES_MAX);
  const small = memory.takePiece(9 * KIB);
  assert.equal(small.length, 16 * KIB);
  memory.giveBackPiece(large);
  memory.giveBackPiece(small);
  assert.equal(memory.takePiece(PIECE_BYTES_MAX - 5), large);
  assert.notEqual(memory.takePiece(PIECE_BYTES_MAX - 5), large);
  assert.equal(memory.takePiece(16 * KIB), small);
});
