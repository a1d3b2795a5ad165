import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { forEachCrashPoint } from "../../test/fixtures/crash-point.ts";
import { createSharedMemory, type SharedMemory } from "../memory/memory-layout.ts";
import { hashKey } from "../memory/shared-table.ts";
import { ConnectionQuota } from "./quota.ts";

const SECRET = randomBytes(32);
const client = (name: string | number) => hashKey(SECRET, String(name));

function newMemory(threadCount: number): SharedMemory {
  return createSharedMemory({ hashSecret: SECRET, cellCount: 0, hitFilesMax: 8, threadCount });
}

test("the threads share one bound for each client [3 connections, 2 threads]", () => {
  const memory = newMemory(2);
  const [first, second] = [new ConnectionQuota(memory, 3, 1), new ConnectionQuota(memory, 3, 2)];
  assert.deepEqual(
    [first.take(client("a")), second.take(client("a")), first.take(client("a"))],
    [true, true, true],
  );
  assert.equal(first.take(client("a")), false);
  assert.equal(second.take(client("a")), false);
  assert.equal(second.take(client("b")), true);
  second.giveBack(client("a"));
  assert.equal(first.take(client("a")), true);
  assert.equal(first.take(client("a")), false);
});

test("a refused connection takes nothing, however often it comes", () => {
  const quota = new ConnectionQuota(newMemory(1), 1, 1);
  assert.equal(quota.take(client("a")), true);
  for (let tried = 0; tried < 100; tried++) assert.equal(quota.take(client("a")), false);
  quota.giveBack(client("a"));
  assert.equal(quota.take(client("a")), true);
});

test("slots of clients that have closed are used again [300,000 clients, one after the other]", () => {
  const quota = new ConnectionQuota(newMemory(1), 1, 1);
  for (let name = 0; name < 300_000; name++) {
    const key = Int32Array.of(name + 1, 0, 0, 8);
    assert.equal(quota.take(key), true, `client ${name}`);
    quota.giveBack(key);
  }
});

test("what a dead thread held is taken off, the others' is not [thread 2 of 3, 256 threads too]", () => {
  for (const threadCount of [3, 256]) {
    const memory = newMemory(threadCount);
    const quotaOf = (threadIndex: number) => new ConnectionQuota(memory, 4, threadIndex);
    quotaOf(1).take(client("a"));
    quotaOf(2).take(client("a"));
    quotaOf(2).take(client("a"));
    quotaOf(threadCount).take(client("a"));
    assert.equal(quotaOf(1).take(client("a")), false);
    quotaOf(0).forgetThread(2);
    assert.deepEqual(
      [1, 2, 3].map((index) => quotaOf(index).take(client("a"))),
      [true, true, false],
    );
  }
});

test("a thread dies at any point of take or giveBack, and the bound stays exact [2 connections]", () => {
  for (const act of ["take", "giveBack"] as const) {
    const pointCount = forEachCrashPoint(() => {
      const memory = newMemory(2);
      const [dying, other] = [new ConnectionQuota(memory, 2, 1), new ConnectionQuota(memory, 2, 2)];
      dying.take(client("a"));
      other.take(client("a"));
      return {
        act: () => dying[act](client("a")),
        check: (operationIndex) => {
          new ConnectionQuota(memory, 2, 0).forgetThread(1);
          const outcomes = [other.take(client("a")), other.take(client("a"))];
          assert.deepEqual(outcomes, [true, false], `${act}, operation ${operationIndex}`);
        },
      };
    });
    assert.ok(pointCount >= 2);
  }
});
