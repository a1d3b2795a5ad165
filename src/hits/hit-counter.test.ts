import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { forEachCrashPoint } from "../../test/fixtures/crash-point.ts";
import {
  CONTROL_HIT_FILES,
  CONTROL_HITS_WITHOUT_ROOM,
  createSharedMemory,
  type SharedMemory,
} from "../shared-memory/memory-layout.ts";
import { PathFilter, SharedHitCounter } from "./hit-counter.ts";
import { HitLedger } from "./hit-ledger.ts";

function newMemory(hitFilesMax: number): SharedMemory {
  return createSharedMemory({ hashSecret: randomBytes(32), cellCount: 0, hitFilesMax });
}

function control(memory: SharedMemory, word: number): number {
  return Atomics.load(new Int32Array(memory.control), word);
}

test("hits are counted by path, and every thread sees all of them", () => {
  const memory = newMemory(16);
  const [first, second] = [new SharedHitCounter(memory, 1), new SharedHitCounter(memory, 2)];
  assert.equal(first.hitsOf("/a.txt"), 0);
  first.add("/a.txt");
  second.add("/a.txt");
  second.add("/b.txt");
  for (const counter of [first, second, new SharedHitCounter(memory, 3)]) {
    assert.equal(counter.hitsOf("/a.txt"), 2);
    assert.equal(counter.hitsOf("/b.txt"), 1);
    assert.equal(counter.hitsOf("/c.txt"), 0);
  }
  assert.equal(control(memory, CONTROL_HIT_FILES), 2);
});

test("asking for hits makes no slot [100 paths that nobody has asked for]", () => {
  const memory = newMemory(16);
  const counter = new SharedHitCounter(memory, 1);
  for (let path = 0; path < 100; path++) assert.equal(counter.hitsOf(`/${path}`), 0);
  assert.equal(control(memory, CONTROL_HIT_FILES), 0);
});

test("paths that overflow their set are found in the next [16 files, 4 sets of 8]", () => {
  for (let round = 0; round < 50; round++) {
    const memory = newMemory(16);
    const counter = new SharedHitCounter(memory, 1);
    for (let path = 0; path < 16; path++) {
      for (let hits = 0; hits <= path; hits++) counter.add(`/${path}`);
    }
    const other = new SharedHitCounter(memory, 2);
    for (let path = 0; path < 16; path++) assert.equal(other.hitsOf(`/${path}`), path + 1);
  }
});

test("more paths than a thread remembers are still counted right [2^16 + 2000 paths]", () => {
  const memory = newMemory(1 << 17);
  const counter = new SharedHitCounter(memory, 1);
  const pathCount = (1 << 16) + 2000;
  for (let hit = 0; hit < pathCount + 3000; hit++) counter.add(`/${hit % pathCount}`);
  const hitsOf = (path: number) => counter.hitsOf(`/${path}`);
  assert.deepEqual([0, 1999, 2999, 3000, pathCount - 1].map(hitsOf), [2, 2, 2, 1, 1]);
  assert.equal(control(memory, CONTROL_HIT_FILES), pathCount);
});

test("hits of files that find no room are counted as such, the others go on [8 files of 12]", () => {
  const memory = newMemory(8);
  const counter = new SharedHitCounter(memory, 1);
  for (let hit = 0; hit < 36; hit++) counter.add(`/${hit % 12}`);
  const hits = Array.from({ length: 12 }, (_, path) => counter.hitsOf(`/${path}`));
  assert.deepEqual(hits, [3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0]);
  assert.equal(control(memory, CONTROL_HITS_WITHOUT_ROOM), 12);
  assert.equal(control(memory, CONTROL_HIT_FILES), 8);
});

test("a name that finds no room leaves it to a shorter one [8 files, 512 bytes of names]", () => {
  const memory = newMemory(8);
  const counter = new SharedHitCounter(memory, 1);
  counter.add("x".repeat(500));
  for (let tried = 0; tried < 1000; tried++) counter.add("y".repeat(13));
  counter.add("z".repeat(12));
  assert.equal(counter.hitsOf("x".repeat(500)), 1);
  assert.equal(counter.hitsOf("y".repeat(13)), 0);
  assert.equal(counter.hitsOf("z".repeat(12)), 1);
  assert.deepEqual(
    new HitLedger(memory).readGains().map(({ path }) => path),
    ["x".repeat(500), "z".repeat(12)],
  );
});

test("names come back byte by byte [all of Latin-1, none at all, 255 bytes]", () => {
  const memory = newMemory(64);
  const counter = new SharedHitCounter(memory, 1);
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const paths = [everyByte, "/", "", "/caf\xe9", "/cafe", `/${"\xff".repeat(255)}`];
  for (const path of paths) counter.add(path);
  const gains = new HitLedger(memory).readGains();
  assert.deepEqual(
    gains,
    paths.map((path) => ({ path, gained: 1 })),
  );
});

test("a thread dies at any point of a first hit: nothing is stuck, nothing is counted twice", () => {
  const pointCount = forEachCrashPoint(() => {
    // One set of slots, so that the next file gets the slot that the dead thread had begun.
    const memory = newMemory(4);
    const dying = new SharedHitCounter(memory, 1);
    const ledger = new HitLedger(memory);
    new SharedHitCounter(memory, 2).add("/before");
    return {
      act: () => dying.add("/dying"),
      check: (operationIndex) => {
        const where = `died before operation ${operationIndex}`;
        const saved = new Map<string, number>();
        const save = () => {
          for (const { path, gained } of ledger.readGains()) {
            saved.set(path, (saved.get(path) ?? 0) + gained);
            ledger.markSaved(path, gained, saved.get(path) ?? 0);
          }
        };
        // The main thread may look before it hears of the death.
        save();
        dying.table.unlockAllOf(1);
        ledger.threadDied(1);
        const other = new SharedHitCounter(memory, 2);
        const before = other.hitsOf("/dying");
        assert.ok(before <= 1, where);
        for (const path of ["/before", "/after", "/after"]) other.add(path);
        save();
        const expected = { "/after": 2, "/before": 2, ...(before === 1 && { "/dying": 1 }) };
        assert.deepEqual(Object.fromEntries(saved), expected, where);
        other.add("/dying");
        save();
        assert.deepEqual(Object.fromEntries(saved), { ...expected, "/dying": before + 1 }, where);
      },
    };
  });
  assert.ok(pointCount >= 6, `${pointCount} points`);
});

const FILTERED_PATHS = 4096;

test("a path that was added is held, in every thread's view (4096 paths of any bytes)", () => {
  const memory = new SharedArrayBuffer(FILTERED_PATHS);
  const [first, second] = [new PathFilter(memory), new PathFilter(memory)];
  const paths = Array.from({ length: FILTERED_PATHS }, (_, index) => `/ä\xff/${index}`);
  for (const path of paths) first.add(path);
  for (const path of paths) assert.ok(second.mayHold(path));
});

test("of paths that were not added few are held, however full it is (fewer than one in five)", () => {
  const filter = new PathFilter(new SharedArrayBuffer(FILTERED_PATHS));
  assert.equal(filter.mayHold("/a"), false);
  for (let index = 0; index < FILTERED_PATHS; index++) filter.add(`/folder/file-${index}.txt`);
  let heldCount = 0;
  for (let index = 0; index < 10_000; index++) {
    if (filter.mayHold(`/folder/other-${index}.txt`)) heldCount++;
  }
  assert.ok(heldCount < 2000, `${heldCount} of 10,000`);
});

test("the smallest memory holds and lacks as well (4 bytes)", () => {
  const filter = new PathFilter(new SharedArrayBuffer(4));
  filter.add("/a");
  assert.ok(filter.mayHold("/a"));
  const others = Array.from({ length: 32 }, (_, index) => filter.mayHold(`/${index}`));
  assert.ok(others.includes(false));
});
