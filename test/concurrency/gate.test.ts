// The gate of --concurrency under four real threads: never more inside than allowed, in order, and
// whole again after any of them was killed at any moment.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import fc from "fast-check";
import { ConcurrencyGate } from "../../src/limit/gate.ts";
import { createSharedMemory, type SharedMemory } from "../../src/memory/memory-layout.ts";
import {
  FINISHED_BY_THREAD_WORD,
  type GateOrder,
  type GateThreadData,
  INSIDE_MAX_WORD,
  INSIDE_WORD,
  LOG_WORD,
  STARTED_WORD,
  STOP_WORD,
} from "./gate-notes.ts";
import { startThread } from "./run-threads.ts";

const THREAD_INDEXES = [1, 2, 3, 4];
const ROUNDS = 16;
const REQUEST_COUNT = 60;
/** Ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;

interface Scene {
  readonly memory: SharedMemory;
  readonly words: Int32Array;
  readonly start: (threadIndex: number) => Worker;
}

function setScene(t: TestContext, concurrency: number, role: GateThreadData["role"]): Scene {
  const memory = createSharedMemory({
    hashSecret: new Uint8Array(32),
    cellCount: 0,
    hitFilesMax: 8,
  });
  const notes = new SharedArrayBuffer((LOG_WORD + REQUEST_COUNT) * 4);
  const start = (threadIndex: number) => {
    const data: GateThreadData = { memory, concurrency, threadIndex, role, notes };
    return startThread(t, "./gate-thread.ts", data);
  };
  return { memory, words: new Int32Array(notes), start };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!isSo()) {
    assert.ok(performance.now() < deadlineMs, `it never came to this: ${what}`);
    await sleep(1);
  }
}

/** How many can enter at once; of a gate that nobody uses any more. */
function countFree(memory: SharedMemory, concurrency: number): number {
  const gate = new ConcurrencyGate(memory, concurrency, 5);
  let free = 0;
  while (gate.enter() === undefined) free++;
  return free;
}

function finishedBy(words: Int32Array, threadIndex: number): number {
  return Atomics.load(words, FINISHED_BY_THREAD_WORD + threadIndex);
}

for (const concurrency of [1, 3]) {
  test(`4 threads in and out, 5 requests each: never more than ${concurrency} inside, and all go on`, async (t) => {
    const { memory, words, start } = setScene(t, concurrency, "hammer");
    const done = THREAD_INDEXES.map((index) => once(start(index), "message"));
    for (const index of THREAD_INDEXES) {
      await until(() => finishedBy(words, index) >= 1000, `thread ${index} has finished 1,000`);
    }
    Atomics.store(words, STOP_WORD, 1);
    await Promise.all(done);
    assert.equal(words[INSIDE_MAX_WORD], concurrency);
    assert.equal(words[INSIDE_WORD], 0);
    assert.equal(countFree(memory, concurrency), concurrency);
  });

  test(`a thread is killed ${ROUNDS} times while four use the gate of ${concurrency}: nothing is lost or won`, async (t) => {
    const { memory, words, start } = setScene(t, concurrency, "hammer");
    const main = new ConcurrencyGate(memory, concurrency, 0);
    const threads = new Map(THREAD_INDEXES.map((index) => [index, start(index)]));
    // The moments differ from run to run: they are the thing under test, and any of them must do.
    const delaysMs = fc.sample(fc.integer({ min: 0, max: 12 }), ROUNDS);
    for (const [round, delayMs] of delaysMs.entries()) {
      const victim = THREAD_INDEXES[round % THREAD_INDEXES.length] as number;
      const before = finishedBy(words, victim);
      await until(() => finishedBy(words, victim) > before, `thread ${victim} is at work`);
      await sleep(delayMs);
      await threads.get(victim)?.terminate();
      Atomics.and(words, INSIDE_WORD, ~(0xff << (8 * (victim - 1))));
      main.abandonAllOf(victim);
      const others = THREAD_INDEXES.filter((index) => index !== victim);
      const counts = new Map(others.map((index) => [index, finishedBy(words, index)]));
      for (const [index, count] of counts) {
        const what = `thread ${index} goes on after death ${round} [delays ${delaysMs.join()}]`;
        await until(() => finishedBy(words, index) > count + 20, what);
      }
      assert.ok((words[INSIDE_MAX_WORD] as number) <= concurrency, `death ${round}`);
      threads.set(victim, start(victim));
    }
    const done = Array.from(threads.values(), (thread) => once(thread, "message"));
    Atomics.store(words, STOP_WORD, 1);
    await Promise.all(done);
    assert.equal(words[INSIDE_MAX_WORD], concurrency);
    assert.equal(countFree(memory, concurrency), concurrency);
  });

  test(`${REQUEST_COUNT} requests of 4 threads start in the order in which they came [N = ${concurrency}]`, async (t) => {
    const { words, start } = setScene(t, concurrency, "queue");
    const threads = THREAD_INDEXES.map(start);
    const [owners = []] = fc.sample(
      fc.array(fc.constantFrom(...threads.keys()), {
        minLength: REQUEST_COUNT,
        maxLength: REQUEST_COUNT,
      }),
      1,
    );
    const tell = (thread: number, order: GateOrder) => threads[thread]?.postMessage(order);
    // One place is held until all have come, and with it all that wait; the others stay taken.
    for (const [request, thread] of owners.entries()) {
      const leavesAtOnce = request >= concurrency;
      tell(thread, { kind: "enter", request, leavesAtOnce });
      await once(threads[thread] as Worker, "message");
    }
    await until(() => Atomics.load(words, STARTED_WORD) === concurrency, "the first ones start");
    tell(owners[0] as number, { kind: "leave" });
    await until(() => Atomics.load(words, STARTED_WORD) === REQUEST_COUNT, "all have started");
    const log = [...words.subarray(LOG_WORD + concurrency, LOG_WORD + REQUEST_COUNT)];
    const expected = owners.map((_, request) => request).slice(concurrency);
    assert.deepEqual(log, expected, `requests of threads ${owners.join()}`);
  });
}
