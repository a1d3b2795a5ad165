// The limiter under four threads that ask as fast as they can, on the real clock: what they were told
// is put together and must be what one exact limiter could have said.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { CELLS_MAX, windowShape } from "../../src/limit/sliding-window.ts";
import { createSharedMemory } from "../../src/memory/memory-layout.ts";
import { countPossible, findCertainExcess } from "../fixtures/admission-intervals.ts";
import type { ClientLog, HammeredLimit, LimiterThreadData } from "./limiter-thread.ts";
import { runThreads } from "./run-threads.ts";
import { drawStartLine } from "./start-line.ts";

const THREAD_COUNT = 4;
const DURATION_MS = 2500;

/** Count, window and clients; short windows turn over often. */
const LIMITS: readonly [count: number, windowMs: number, clientCount: number][] = [
  [5, 1000, 1],
  [100, 1000, 1],
  [1000, 1000, 1],
  [5, 50, 1],
  [64, 20, 1],
  [300, 30, 1],
  [20, 500, 40],
];

test("4 threads, 2.5 s, 7 limits: never more than the limit, and none refused without need", async (t) => {
  const limits = LIMITS.map(([count, windowMs, clientCount]): HammeredLimit => {
    const { cellCount } = windowShape(count, windowMs);
    const memory = createSharedMemory({ hashSecret: randomBytes(32), cellCount, hitFilesMax: 8 });
    return { memory, count, windowMs, clientCount };
  });
  const startLine = drawStartLine(THREAD_COUNT);
  const logs = await runThreads<ClientLog[]>(
    t,
    "./limiter-thread.ts",
    Array.from({ length: THREAD_COUNT }, (_, thread): LimiterThreadData => {
      return { limits, threadIndex: thread + 1, durationMs: DURATION_MS, startLine };
    }),
  );
  const subjects = limits.flatMap((limit) => Array<HammeredLimit>(limit.clientCount).fill(limit));
  for (const [index, { count, windowMs }] of subjects.entries()) {
    const name = `client ${index} at ${count} in ${windowMs} ms`;
    const admissions = logs.flatMap((log) => log[index]?.admissions ?? []);
    const refusals = logs.flatMap((log) => log[index]?.refusals ?? []);
    assert.equal(findCertainExcess(admissions, count, windowMs), undefined, name);
    // Above 64 a cell holds several admissions, which leave together (limit/sliding-window.ts).
    const fewest = count <= CELLS_MAX ? count : count * (1 - 1 / CELLS_MAX);
    assert.ok(admissions.length >= count, `${name}: ${admissions.length} admitted`);
    assert.ok(refusals.length > 0, `${name}: was never refused`);
    for (const refusal of refusals) {
      const possible = countPossible(admissions, refusal, windowMs);
      assert.ok(possible >= fewest, `${name}: refused with ${possible} in the window`);
    }
  }
});
