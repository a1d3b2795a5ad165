import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  freeLock,
  freeLockOf,
  hashKey,
  SharedTable,
  SLOTS_PER_SET,
  tableBytes,
  takeLock,
} from "./shared-table.ts";

const SECRET = randomBytes(32);

function newTable(slotCount: number, payloadWords = 2): SharedTable {
  const shape = { slotCount, payloadWords };
  return new SharedTable(new SharedArrayBuffer(tableBytes(shape)), shape, 1);
}

test("locks, keys and payloads of all slots lie apart, and within the memory [24 shapes]", () => {
  for (const slotCount of [8, 16, 32, 1024]) {
    for (const payloadWords of [0, 2, 4, 6, 18, 132]) {
      const table = newTable(slotCount, payloadWords);
      const owners = new Map<number, string>();
      const claim = (word: number, owner: string) => {
        assert.ok(word >= 0 && word < table.words.length, `${owner} is outside`);
        assert.equal(owners.get(word), undefined, `${owner} lies over ${owners.get(word)}`);
        owners.set(word, owner);
      };
      for (let setIndex = 0; setIndex < table.setCount; setIndex++) {
        claim(setIndex, `lock ${setIndex}`);
        for (let way = 0; way < SLOTS_PER_SET; way++) {
          const slot = table.slotAt(setIndex, way);
          assert.equal(table.slotIndexOf(slot), setIndex * SLOTS_PER_SET + way);
          assert.equal(slot % 2, 0, "64-bit fields lie on their boundary");
          for (let word = -4; word < payloadWords; word++) {
            claim(slot + word, `slot ${setIndex}/${way}`);
          }
        }
      }
    }
  }
});

test("a shape that does not fit is refused [odd payload, 24 slots, other memory]", () => {
  assert.throws(() => newTable(8, 3), /even/);
  assert.throws(() => newTable(24), /power of two/);
  const memory = new SharedArrayBuffer(tableBytes({ slotCount: 16, payloadWords: 2 }));
  assert.throws(() => new SharedTable(memory, { slotCount: 8, payloadWords: 2 }, 1), /agree/);
});

test("a set is filled in order, and each key is found in its own slot only [2 sets, 9 keys]", () => {
  const table = newTable(16);
  const keys = Array.from({ length: SLOTS_PER_SET }, (_, way) => hashKey(SECRET, `key ${way}`));
  for (const [way, key] of keys.entries()) {
    const slot = table.slotAt(1, way);
    assert.equal(table.findEmpty(1), slot);
    assert.equal(table.find(1, key), undefined);
    table.putKey(slot, key);
    assert.equal(table.isEmpty(slot), false);
    assert.equal(table.find(1, key), slot);
    assert.equal(table.find(0, key), undefined);
  }
  assert.equal(table.findEmpty(1), undefined);
  assert.equal(table.find(1, hashKey(SECRET, "other")), undefined);
  for (const key of keys) {
    for (let word = 0; word < 4; word++) {
      const almost = key.slice();
      almost[word] = (almost[word] as number) ^ 1;
      assert.equal(table.find(1, almost), undefined, `word ${word} differs`);
    }
  }
});

test("the lock of a key's set is taken, or of a set behind it, around the end [2 sets]", () => {
  const table = newTable(16);
  const key = hashKey(SECRET, "key");
  const own = table.lockSetOf(key);
  const next = table.lockSetOf(key, 1);
  assert.equal(own, table.setIndexOf(key));
  assert.deepEqual([own, next].sort(), [0, 1]);
  assert.deepEqual([...table.words.subarray(0, 2)], [2, 2], "thread 1 holds both locks");
  table.unlock(own);
  table.unlock(next);
  assert.deepEqual([...table.words.subarray(0, 2)], [0, 0]);
});

test("keys spread over all sets [8,000 keys, 128 sets]", () => {
  const table = newTable(1024);
  const counts = new Array<number>(table.setCount).fill(0);
  for (let key = 0; key < 8000; key++) {
    const setIndex = table.setIndexOf(hashKey(SECRET, String(key)));
    counts[setIndex] = (counts[setIndex] ?? 0) + 1;
  }
  assert.equal(counts.length, 128);
  // 62.5 on average, with a deviation of 8: six deviations either way.
  assert.ok(Math.min(...counts) > 14 && Math.max(...counts) < 111, counts.join());
});

test("the hash is the beginning of SHA-256 over the secret and the key's bytes [key with 0xe9]", () => {
  const secret = randomBytes(32);
  const digest = createHash("sha256")
    .update(secret)
    .update(Buffer.from("caf\xe9", "latin1"))
    .digest();
  const expected = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  assert.deepEqual([...hashKey(secret, "caf\xe9")], expected);
});

test("the same key has another hash under another secret", () => {
  const hashes = [randomBytes(32), randomBytes(32)].map((secret) => hashKey(secret, "a").join());
  assert.notEqual(hashes[0], hashes[1]);
});

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
