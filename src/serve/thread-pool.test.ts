import assert from "node:assert/strict";
import { test } from "node:test";
import { ThreadPool } from "./thread-pool.ts";
import type { ThreadTask } from "./thread-task.ts";

/** Threads that fail or are killed before they look at their task. */
const NO_TASK = {} as ThreadTask;

interface Death {
  readonly threadIndex: number;
  readonly reason: string;
}

function newPool(threadCount: number): { pool: ThreadPool; deaths: Death[] } {
  const deaths: Death[] = [];
  const pool = new ThreadPool({
    threadCount,
    taskOf: () => NO_TASK,
    onLog: () => {},
    onClients: () => {},
    onHangingMounts: () => {},
    onStore: () => {},
    onIgnoredSibling: () => {},
    onSendMemoryFull: () => {},
    onDeath: (threadIndex, reason) => deaths.push({ threadIndex, reason }),
  });
  return { pool, deaths };
}

test("a thread that fails at its start fails the start, with its own words", async () => {
  const { pool } = newPool(2);
  await assert.rejects(pool.start(), /undefined/);
  await pool.terminate();
});

test("a thread that ends before it is ready fails the start instead of being waited for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { pool, deaths } = newPool(1);
  const starting = pool.start();
  const failed = assert.rejects(starting, /it ended by itself/);
  await pool.threadOf(1)?.terminate();
  await failed;
  assert.deepEqual(deaths, [{ threadIndex: 1, reason: "it ended by itself" }]);
  await pool.terminate();
  // A pool that is terminated tries no successor later.
  t.mock.timers.tick(60_000);
  assert.equal(pool.threadOf(1), undefined);
});

test("a thread that died before it was ready is tried again a little later, not at once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { pool } = newPool(1);
  const failed = assert.rejects(pool.start());
  await pool.threadOf(1)?.terminate();
  await failed;
  assert.equal(pool.threadOf(1), undefined);
  t.mock.timers.tick(10_000);
  assert.notEqual(pool.threadOf(1), undefined);
  await pool.terminate();
  assert.equal(pool.threadOf(1), undefined);
});

test("draining ends at once when no thread is alive", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { pool } = newPool(1);
  const failed = assert.rejects(pool.start());
  await pool.threadOf(1)?.terminate();
  await failed;
  await pool.drain();
  t.mock.timers.tick(60_000);
  assert.equal(pool.threadOf(1), undefined);
});
