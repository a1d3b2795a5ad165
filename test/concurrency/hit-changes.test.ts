// The list of changed files under threads that count as fast as they can, while the main thread looks as
// often as it can: no look misses a hit that was counted before it, also when threads are killed.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { SharedHitCounter } from "../../src/hits/hit-counter.ts";
import { HitLedger } from "../../src/hits/hit-ledger.ts";
import { createSharedMemory } from "../../src/shared-memory/memory-layout.ts";
import { countOperations } from "../fixtures/crash-point.ts";
import type { ChangesThreadData } from "./hit-changes-thread.ts";
import { startThread } from "./run-threads.ts";

const THREAD_COUNT = 3;
const KILLS = 30;
/** Longer than a thread needs to be somewhere within a hit, and never the same. */
const LIFE_MS_MAX = 20;

/** The main thread of a server that saves all the time. */
class Main {
  readonly memory = createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount: 0,
    hitFilesMax: 256,
  });
  readonly ledger = new HitLedger(this.memory);
  readonly counter = new SharedHitCounter(this.memory, 0);
  readonly saved = new Map<string, number>();
  readonly tally: Int32Array;
  readonly paths: readonly string[];
  #isSaving = true;
  readonly #saving: Promise<void>;

  constructor(pathCount: number) {
    this.paths = Array.from({ length: pathCount }, (_, path) => `/${path}`);
    this.tally = new Int32Array(new SharedArrayBuffer(pathCount * 4));
    // The first look is at all files, and says nothing about the list.
    this.save();
    this.#saving = this.#saveOn();
  }

  start(t: TestContext, threadIndex: number, hitsMax: number) {
    const { memory, paths, tally } = this;
    const data: ChangesThreadData = {
      ...{ memory, threadIndex, paths, hitsMax },
      tally: tally.buffer as SharedArrayBuffer,
    };
    return startThread(t, "./hit-changes-thread.ts", data);
  }

  save(): void {
    for (const { path, gained } of this.ledger.readGains()) {
      const total = (this.saved.get(path) ?? 0) + gained;
      this.saved.set(path, total);
      this.ledger.markSaved(path, gained, total);
    }
  }

  async #saveOn(): Promise<void> {
    while (this.#isSaving) {
      this.save();
      await nextTurn();
    }
  }

  /** The last look, when no thread counts any more. */
  async end(): Promise<void> {
    this.#isSaving = false;
    await this.#saving;
    this.save();
    for (const path of this.paths) {
      assert.equal(this.saved.get(path) ?? 0, this.counter.hitsOf(path), path);
    }
    assert.ok((await countOperations(() => this.save())) < 10, "nothing is left in the list");
  }
}

for (const pathCount of [1, 5, 200]) {
  test(`3 threads × 300,000 hits while the main thread looks: every hit is saved [${pathCount} paths]`, async (t) => {
    const main = new Main(pathCount);
    const threads = Array.from({ length: THREAD_COUNT }, (_, thread) =>
      main.start(t, thread + 1, 300_000),
    );
    await Promise.all(threads.map((thread) => once(thread, "exit")));
    await main.end();
    const hits = [...main.saved.values()].reduce((sum, each) => sum + each, 0);
    assert.equal(hits, THREAD_COUNT * 300_000);
  });
}

test(`${KILLS} threads are killed while they count: no hit is lost, none is counted twice`, async (t) => {
  const main = new Main(5);
  let threads = Array.from({ length: THREAD_COUNT }, (_, thread) =>
    main.start(t, thread + 1, Number.POSITIVE_INFINITY),
  );
  await Promise.all(threads.map((thread) => once(thread, "message")));
  for (let kill = 0; kill < KILLS; kill++) {
    const threadIndex = 1 + (kill % THREAD_COUNT);
    await sleep(Math.random() * LIFE_MS_MAX);
    await threads[threadIndex - 1]!.terminate();
    main.counter.table.unlockAllOf(threadIndex);
    main.ledger.threadDied(threadIndex);
    const successor = main.start(t, threadIndex, Number.POSITIVE_INFINITY);
    await once(successor, "message");
    threads = threads.with(threadIndex - 1, successor);
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  for (let thread = 1; thread <= THREAD_COUNT; thread++) {
    main.counter.table.unlockAllOf(thread);
    main.ledger.threadDied(thread);
  }
  // A look at all files hides what the list has missed; from here on there is none.
  main.save();
  const last = Array.from({ length: THREAD_COUNT }, (_, thread) =>
    main.start(t, thread + 1, 10_000),
  );
  await Promise.all(last.map((thread) => once(thread, "exit")));
  await main.end();
  const hits = [...main.saved.values()].reduce((sum, each) => sum + each, 0);
  const tallied = main.tally.reduce((sum, each) => sum + each, 0);
  // Each killed thread may have died between a hit and its tally.
  const killed = KILLS + THREAD_COUNT;
  assert.ok(hits >= tallied && hits <= tallied + killed, `${hits} hits, ${tallied} tallied`);
});
