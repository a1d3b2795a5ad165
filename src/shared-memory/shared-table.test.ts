import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { hashKey } from "./key-hash.ts";
import { SharedTable, SLOTS_PER_SET, tableBytes } from "./shared-table.ts";

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
          const payloadWord = table.payloadWord(setIndex, way);
          assert.equal(table.slotIndexOf(payloadWord), setIndex * SLOTS_PER_SET + way);
          assert.equal(payloadWord % 2, 0, "64-bit fields lie on their boundary");
          for (let word = -4; word < payloadWords; word++) {
            claim(payloadWord + word, `slot ${setIndex}/${way}`);
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

test("a slot is empty until a key is put in, and holds that key only", () => {
  const table = newTable(8);
  const slot = table.payloadWord(0, 3);
  const [key, other] = [hashKey(SECRET, "key"), hashKey(SECRET, "other")];
  assert.equal(table.isEmpty(slot), true);
  table.putKey(slot, key);
  assert.equal(table.isEmpty(slot), false);
  assert.equal(table.holds(slot, key), true);
  assert.equal(table.holds(slot, other), false);
  for (let word = 0; word < 4; word++) {
    const almost = key.slice();
    almost[word] = (almost[word] as number) ^ 1;
    assert.equal(table.holds(slot, almost), false, `word ${word} differs`);
  }
  assert.equal(table.isEmpty(table.payloadWord(0, 2)), true);
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
