import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { diesBefore, forEachCrashPoint } from "../../test/fixtures/crash-point.ts";
import { systemClock } from "../base/clock.ts";
import {
  createSharedMemory,
  limiterTableShape,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import { hashKey, type KeyHash, SharedTable, takeLock } from "../memory/shared-table.ts";
import { SharedLimiter } from "./limiter.ts";
import { type WindowShape, windowShape } from "./window.ts";

const SECRET = randomBytes(32);

/** A table of so few slots that a test can fill it; 8 slots are one set. */
function smallMemory(shape: WindowShape, slotCount: number): SharedMemory {
  const { payloadWords } = limiterTableShape(shape.cellCount);
  const limiterShape = { slotCount, payloadWords };
  const { cellCount } = shape;
  return createSharedMemory({ hashSecret: SECRET, cellCount, hitFilesMax: 8, limiterShape });
}

function limiterOf(count: number, slotCount = 8): SharedLimiter {
  const shape = windowShape(count, 1000);
  return new SharedLimiter(smallMemory(shape, slotCount), shape, 1);
}

function client(name: string | number): KeyHash {
  return hashKey(SECRET, String(name));
}

function ask(limiter: SharedLimiter, name: string | number, nowMs: number, times = 1): string {
  let outcome = "";
  for (let asked = 0; asked < times; asked++) {
    outcome += limiter.admit(client(name), nowMs).kind === "admitted" ? "+" : "-";
  }
  return outcome;
}

test("each client has a window of its own, and all threads see the same one [2/s]", () => {
  const shape = windowShape(2, 1000);
  const memory = smallMemory(shape, 16);
  const [first, second] = [
    new SharedLimiter(memory, shape, 1),
    new SharedLimiter(memory, shape, 2),
  ];
  assert.equal(ask(first, "a", 0), "+");
  assert.equal(ask(second, "a", 1), "+");
  assert.equal(ask(first, "a", 2), "-");
  assert.equal(ask(second, "a", 2), "-");
  assert.equal(ask(second, "b", 2, 3), "++-");
  assert.equal(ask(first, "a", 1000, 2), "+-");
});

test("one an hour, and a million a second", () => {
  const hourly = windowShape(1, 3_600_000);
  const slow = new SharedLimiter(smallMemory(hourly, 8), hourly, 1);
  assert.equal(ask(slow, "a", 0, 2), "+-");
  assert.deepEqual(slow.admit(client("a"), 3_599_999), {
    kind: "refused",
    remaining: 0,
    waitMs: 1,
  });
  assert.equal(ask(slow, "a", 3_600_000, 2), "+-");
  const fast = limiterOf(1_000_000);
  const key = client("a");
  let admitted = 0;
  for (let asked = 0; asked < 1_000_100; asked++) {
    if (fast.admit(key, asked / 1e4).kind === "admitted") admitted++;
  }
  assert.equal(admitted, 1_000_000);
});

test("a client at its limit is never forgotten, whoever else comes [8 slots, 10,000 others]", () => {
  const limiter = limiterOf(3);
  for (const name of ["a", "b", "c"]) assert.equal(ask(limiter, name, 0, 4), "+++-");
  for (let other = 0; other < 10_000; other++) ask(limiter, `other-${other}`, 1 + other / 20);
  for (const name of ["a", "b", "c"]) assert.equal(ask(limiter, name, 999), "-", name);
  for (const name of ["a", "b", "c"]) assert.equal(ask(limiter, name, 1000, 4), "+++-", name);
});

test("a newcomer is refused only when all 8 of its set are at their limit", () => {
  const limiter = limiterOf(2);
  for (let name = 0; name < 7; name++) assert.equal(ask(limiter, name, name, 2), "++");
  assert.equal(ask(limiter, 7, 7), "+");
  // The eighth has something left: it goes.
  assert.equal(ask(limiter, "new", 8, 2), "++");
  const refused = limiter.admit(client("newer"), 9);
  assert.deepEqual(refused, { kind: "refused", remaining: 0, waitMs: 1000 });
  assert.equal(ask(limiter, 7, 999), "-", "the forgotten one is a newcomer, too");
  // The first one's window is over: it makes room, and only it.
  assert.equal(ask(limiter, "newer", 1000, 3), "++-");
  for (let name = 1; name < 7; name++) assert.equal(ask(limiter, name, 1000), "-", String(name));
});

test("of those with something left the longest unseen is forgotten first", () => {
  const limiter = limiterOf(3);
  for (let name = 0; name < 8; name++) ask(limiter, name, name);
  // 0 is seen again, so 1 is the idlest now.
  ask(limiter, 0, 8);
  ask(limiter, "new", 9);
  const remaining = (name: string | number) => limiter.admit(client(name), 10).remaining;
  assert.equal(remaining(0), 0, "0 is known: two before, and this one");
  for (let name = 2; name < 8; name++) assert.equal(remaining(name), 1, `${name} is known`);
  assert.equal(remaining("new"), 1, "and so is the newcomer");
  assert.equal(remaining(1), 2, "1 is not");
});

test("a client whose window is over goes before one that has something left, though seen later", () => {
  const limiter = limiterOf(3);
  ask(limiter, "over", 0, 3);
  for (let name = 0; name < 7; name++) ask(limiter, name, 500 + name);
  assert.equal(ask(limiter, "over", 999), "-");
  ask(limiter, "new", 1100);
  for (let name = 0; name < 7; name++) {
    assert.equal(limiter.admit(client(name), 1101).remaining, 1, `${name} is known`);
  }
});

test("who is refused stays the same, however often it asks [spam does not extend the wait]", () => {
  const limiter = limiterOf(5);
  assert.equal(ask(limiter, "a", 0, 5), "+++++");
  for (let nowMs = 1; nowMs < 1000; nowMs++) {
    assert.deepEqual(limiter.admit(client("a"), nowMs), {
      kind: "refused",
      remaining: 0,
      waitMs: 1000 - nowMs,
    });
  }
  assert.equal(ask(limiter, "a", 1000, 6), "+++++-");
});

test("the clock of the limit is the monotonic one, which no one can set", () => {
  const before = Number(process.hrtime.bigint()) / 1e6;
  const nowMs = systemClock.monotonicMs();
  const after = Number(process.hrtime.bigint()) / 1e6;
  // A microsecond for the rounding of numbers of this size.
  assert.ok(nowMs >= before - 0.001 && nowMs <= after + 0.001, `${before} ${nowMs} ${after}`);
});

test("a thread that dies anywhere in admit is harmless once its locks are freed [2/s]", () => {
  const shape = windowShape(2, 1000);
  const points = forEachCrashPoint(() => {
    const memory = smallMemory(shape, 8);
    const dying = new SharedLimiter(memory, shape, 1);
    const other = new SharedLimiter(memory, shape, 2);
    ask(other, "a", 0);
    return {
      act: () => dying.admit(client("a"), 1),
      check: (operationIndex) => {
        const table = new SharedTable(memory.limiterTable, memory.limiterShape, 0);
        table.unlockAllOf(1);
        const outcome = ask(other, "a", 2, 2);
        assert.match(outcome, /^[+-]-$/, `died before operation ${operationIndex}: ${outcome}`);
        assert.equal(ask(other, "a", 1002, 3), "++-");
      },
    };
  });
  assert.ok(points > 0);
});

test("a lock of a dead thread stays until unlockAllOf of that thread, not of another", () => {
  const shape = windowShape(2, 1000);
  const memory = smallMemory(shape, 8);
  const table = new SharedTable(memory.limiterTable, memory.limiterShape, 0);
  assert.ok(
    diesBefore(1, () => {
      takeLock(table.words, 0, 3);
      Atomics.load(table.words, 0);
    }),
  );
  table.unlockAllOf(2);
  assert.notEqual(Atomics.load(table.words, 0), 0);
  table.unlockAllOf(3);
  assert.equal(ask(new SharedLimiter(memory, shape, 1), "a", 0), "+");
});

test("a client's window can be read by another thread; a stranger has none, and gets no slot", () => {
  const shape = windowShape(5, 1000);
  const memory = smallMemory(shape, 8);
  const limiter = new SharedLimiter(memory, shape, 1);
  const reader = new SharedLimiter(memory, shape, 0);
  ask(limiter, "a", 100, 2);
  assert.deepEqual(reader.readWindow(client("a"), 150), { used: 2, agesMs: [50, 50] });
  assert.equal(reader.readWindow(client("stranger"), 150), undefined);
  assert.equal(reader.waitOf(client("a"), 150), 0);
  ask(limiter, "a", 140, 3);
  assert.deepEqual(
    [reader.waitOf(client("a"), 150), reader.waitOf(client("stranger"), 150)],
    [950, 0],
  );
  assert.deepEqual(reader.occupancy, { slots: 8, slotsUsed: 1 });
});

test("occupancy counts a slot once, also when its client is forgotten for another [8 slots]", () => {
  const limiter = limiterOf(1);
  for (let index = 0; index < 8; index++) ask(limiter, index, 0);
  assert.deepEqual(limiter.occupancy, { slots: 8, slotsUsed: 8 });
  for (let index = 8; index < 20; index++) ask(limiter, index, 5000 + index);
  assert.deepEqual(limiter.occupancy, { slots: 8, slotsUsed: 8 });
});
