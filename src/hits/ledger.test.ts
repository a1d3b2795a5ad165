import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  CONTROL_HIT_FILES,
  createSharedMemory,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import { SharedHitCounter } from "./counter.ts";
import { HitLedger } from "./ledger.ts";

function newMemory(hitFilesMax = 64): SharedMemory {
  return createSharedMemory({ hashSecret: randomBytes(32), cellCount: 0, hitFilesMax });
}

function addHits(counter: SharedHitCounter, path: string, hits: number): void {
  for (let hit = 0; hit < hits; hit++) counter.add(path);
}

test("a gain is what was counted since it was marked as saved [3, then 2]", () => {
  const memory = newMemory();
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  assert.deepEqual(ledger.readGains(), []);
  addHits(counter, "/a", 3);
  assert.deepEqual(ledger.readGains(), [{ path: "/a", gained: 3 }]);
  assert.deepEqual(ledger.readGains(), [{ path: "/a", gained: 3 }], "reading changes nothing");
  ledger.markSaved("/a", 3, 3);
  assert.deepEqual(ledger.readGains(), []);
  addHits(counter, "/a", 2);
  assert.deepEqual(ledger.readGains(), [{ path: "/a", gained: 2 }]);
  assert.equal(counter.hitsOf("/a"), 5);
});

test("what others have saved is shown on top of what is counted here, and is no gain", () => {
  const memory = newMemory();
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  ledger.setTotal("/a", 100);
  ledger.setTotal("/never-asked-for-here", 7);
  assert.equal(counter.hitsOf("/a"), 100);
  assert.equal(counter.hitsOf("/never-asked-for-here"), 7);
  assert.deepEqual(ledger.readGains(), []);
  addHits(counter, "/a", 2);
  assert.equal(counter.hitsOf("/a"), 102);
  // Another server adds 10, which show before ours are saved.
  ledger.setTotal("/a", 110);
  assert.equal(counter.hitsOf("/a"), 112);
  assert.deepEqual(ledger.readGains(), [{ path: "/a", gained: 2 }]);
  addHits(counter, "/a", 1);
  // The store had 115 by then, and 117 with our two; the third was counted meanwhile.
  ledger.markSaved("/a", 2, 117);
  assert.equal(counter.hitsOf("/a"), 118);
  assert.deepEqual(ledger.readGains(), [{ path: "/a", gained: 1 }]);
});

test("a lost store gets everything once more, and nobody sees a change [100 + 5 hits]", () => {
  const memory = newMemory();
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  ledger.setTotal("/a", 100);
  ledger.setTotal("/b", 1);
  addHits(counter, "/a", 5);
  ledger.markSaved("/a", 5, 105);
  for (let loss = 0; loss < 3; loss++) {
    ledger.markAllLost();
    assert.equal(counter.hitsOf("/a"), 105 + loss);
    const gains = ledger.readGains();
    assert.deepEqual(gains, [
      { path: "/a", gained: 105 + loss },
      { path: "/b", gained: 1 },
    ]);
    for (const { path, gained } of gains) ledger.markSaved(path, gained, gained);
    assert.equal(counter.hitsOf("/a"), 105 + loss);
    assert.deepEqual(ledger.readGains(), []);
    addHits(counter, "/a", 1);
  }
});

test("an entry of the journal that is never written does not hide those behind it", () => {
  const memory = newMemory();
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  counter.add("/before");
  // As a thread leaves it that has died between taking the entry and writing it.
  Atomics.add(new Int32Array(memory.control), CONTROL_HIT_FILES, 1);
  counter.add("/after");
  assert.deepEqual(
    ledger.readGains().map(({ path }) => path),
    ["/before", "/after"],
  );
});

test("an entry that is written late is read then, and once", () => {
  const memory = newMemory();
  const journal = new Int32Array(memory.hitJournal);
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  counter.add("/late");
  counter.add("/other");
  const slot = Atomics.exchange(journal, 0, 0);
  assert.deepEqual(ledger.readGains(), [{ path: "/other", gained: 1 }]);
  Atomics.store(journal, 0, slot);
  for (let reading = 0; reading < 2; reading++) {
    assert.deepEqual(ledger.readGains(), [
      { path: "/other", gained: 1 },
      { path: "/late", gained: 1 },
    ]);
  }
});

test("a full table takes no more totals, and what is in it goes on [8 files of 10]", () => {
  const memory = newMemory(8);
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new HitLedger(memory);
  for (let path = 0; path < 10; path++) ledger.setTotal(`/${path}`, 10 + path);
  for (let path = 0; path < 10; path++) {
    assert.equal(counter.hitsOf(`/${path}`), path < 8 ? 10 + path : 0);
  }
  assert.equal(ledger.hitsWithoutRoom(), 0);
  counter.add("/9");
  assert.equal(ledger.hitsWithoutRoom(), 1);
  ledger.markSaved("/9", 1, 20);
  ledger.setTotal("/1", 50);
  assert.equal(counter.hitsOf("/1"), 50);
});
