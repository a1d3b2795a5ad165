import assert from "node:assert/strict";
import { test } from "node:test";
import { freeLock, freeLockOf, takeLock } from "./shared-lock.ts";

function newWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

test("a lock is taken, freed and taken again; its neighbour is left alone", () => {
  const words = newWords();
  takeLock(words, 1, 5);
  assert.deepEqual([...words], [0, 6]);
  freeLock(words, 1);
  assert.deepEqual([...words], [0, 0]);
  takeLock(words, 1, 0);
  assert.notEqual(words[1], 0);
});

test("freeLockOf frees what that thread holds, and nobody else's", () => {
  const words = newWords();
  takeLock(words, 0, 2);
  takeLock(words, 1, 3);
  freeLockOf(words, 0, 3);
  freeLockOf(words, 1, 3);
  assert.deepEqual([...words], [3, 0]);
});

test("the main thread does not wait for ever: it alone can free what a dead thread held", (t) => {
  const sleeping = t.mock.method(Atomics, "wait", () => "timed-out" as const);
  const words = newWords();
  takeLock(words, 0, 1);
  assert.throws(() => takeLock(words, 0, 0), /died holding a lock/);
  // At a millisecond each.
  assert.ok(sleeping.mock.callCount() >= 1000, `${sleeping.mock.callCount()} sleeps`);
  freeLockOf(words, 0, 1);
  takeLock(words, 0, 0);
});
