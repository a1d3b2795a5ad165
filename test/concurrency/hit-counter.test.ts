// The hit counter under four threads that count as fast as they can: no hit is lost, none is counted
// twice, and no path gets two slots.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { HitLedger } from "../../src/hits/ledger.ts";
import {
  CONTROL_HIT_FILES,
  createSharedMemory,
  type SharedMemory,
} from "../../src/memory/memory-layout.ts";
import type { HitThreadData } from "./hit-counter-thread.ts";
import { runThreads } from "./run-threads.ts";
import { drawStartLine } from "./start-line.ts";

const THREAD_COUNT = 4;

function newMemory(hitFilesMax: number): SharedMemory {
  return createSharedMemory({ hashSecret: randomBytes(32), cellCount: 0, hitFilesMax });
}

async function count(
  t: TestContext,
  memory: SharedMemory,
  rounds: number,
  groupsOf: (thread: number) => string[][],
): Promise<void> {
  const startLine = drawStartLine(THREAD_COUNT);
  const data = Array.from({ length: THREAD_COUNT }, (_, thread): HitThreadData => {
    return { memory, threadIndex: thread + 1, groups: groupsOf(thread), rounds, startLine };
  });
  await runThreads(t, "./hit-counter-thread.ts", data);
}

function gainsByPath(memory: SharedMemory): Map<string, number> {
  const gains = new HitLedger(memory).readGains();
  assert.equal(new Set(gains.map(({ path }) => path)).size, gains.length, "no path comes twice");
  return new Map(gains.map(({ path, gained }) => [path, gained]));
}

test("4 threads × 60,000 hits on one shared path and three of their own: exact totals", async (t) => {
  const memory = newMemory(64);
  const own = (thread: number) => [0, 1, 2].map((path) => `/${thread}/${path}`);
  await count(t, memory, 60_000, (thread) => [["/shared", ...own(thread)]]);
  const gains = gainsByPath(memory);
  assert.equal(gains.get("/shared"), 240_000);
  for (let thread = 0; thread < THREAD_COUNT; thread++) {
    for (const path of own(thread)) assert.equal(gains.get(path), 60_000, path);
  }
  assert.equal(gains.size, 13);
});

test("4 threads meet at the first hit of 2,000 paths: each gets one slot and 4 hits", async (t) => {
  const memory = newMemory(2048);
  // Small groups, so that the threads meet anew every few paths.
  const groups = Array.from({ length: 400 }, (_, group) =>
    [0, 1, 2, 3, 4].map((path) => `/new/${group}/${path}`),
  );
  // Every other thread from the back: they meet in the middle, too.
  const groupsOf = (thread: number) =>
    groups.map((paths) => (thread % 2 === 0 ? paths : paths.toReversed()));
  await count(t, memory, 1, groupsOf);
  const gains = gainsByPath(memory);
  assert.equal(gains.size, 2000);
  assert.deepEqual([...new Set(gains.values())], [4]);
  assert.equal(Atomics.load(new Int32Array(memory.control), CONTROL_HIT_FILES), 2000);
});

test("4 threads fill a table that is too small: every hit is counted, or counted as without room", async (t) => {
  const memory = newMemory(16);
  const paths = Array.from({ length: 60 }, (_, path) => `/${path}/${"x".repeat(path)}`);
  await count(t, memory, 500, (thread) => [[...paths.slice(thread * 15), ...paths.slice(0, 30)]]);
  const asked = 500 * [60 + 30, 45 + 30, 30 + 30, 15 + 30].reduce((sum, hits) => sum + hits, 0);
  const counted = [...gainsByPath(memory).values()].reduce((sum, hits) => sum + hits, 0);
  const withoutRoom = new HitLedger(memory).hitsWithoutRoom();
  assert.equal(counted + withoutRoom, asked);
  assert.ok(withoutRoom > 0 && gainsByPath(memory).size <= 16);
  for (const path of gainsByPath(memory).keys()) assert.ok(paths.includes(path), path);
});
