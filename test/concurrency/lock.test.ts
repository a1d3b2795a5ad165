// A thread that dies with locks in its hands, for real.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { SharedHitCounter } from "../../src/hits/counter.ts";
import { createSharedMemory } from "../../src/memory/memory-layout.ts";
import type { LockThreadData } from "./lock-thread.ts";
import { startThread } from "./run-threads.ts";

test("threads that wait for a dead thread's locks go on once these are freed [2 wait]", async (t) => {
  const memory = createSharedMemory({ hashSecret: randomBytes(32), cellCount: 0, hitFilesMax: 32 });
  const paths = Array.from({ length: 20 }, (_, path) => `/${path}`);
  const start = (threadIndex: number, role: LockThreadData["role"]) => {
    const data: LockThreadData = { memory, threadIndex, role, paths };
    return startThread(t, "./lock-thread.ts", data);
  };
  const waiters = [start(2, "count"), start(3, "count")];
  await Promise.all(waiters.map((waiter) => once(waiter, "message")));
  await once(start(1, "die"), "exit");
  let countedThreads = 0;
  const counted = waiters.map(async (waiter) => {
    waiter.postMessage("go");
    await once(waiter, "message");
    countedThreads++;
  });
  const { table } = new SharedHitCounter(memory, 0);
  for (let setIndex = 0; setIndex < table.setCount; setIndex++) {
    assert.notEqual(Atomics.load(table.words, setIndex), 0, `set ${setIndex} is locked`);
  }
  assert.equal(countedThreads, 0);
  // Not those of a thread that lives.
  table.unlockAllOf(2);
  assert.notEqual(Atomics.load(table.words, 0), 0);
  table.unlockAllOf(1);
  await Promise.all(counted);
  const counter = new SharedHitCounter(memory, 4);
  for (const path of paths) assert.equal(counter.hitsOf(path), 2);
});
