// A thread of hit-changes.test.ts: counts hits of paths in an order of its own, and notes each hit in its
// tally. With `hitsMax` it says when it is done; without, it goes on until it is ended.

import { parentPort, workerData } from "node:worker_threads";
import { SharedHitCounter } from "../../src/hits/hit-counter.ts";
import type { SharedMemory } from "../../src/shared-memory/memory-layout.ts";

export interface ChangesThreadData {
  readonly memory: SharedMemory;
  readonly threadIndex: number;
  readonly paths: readonly string[];
  readonly hitsMax: number;
  /** Int32 for each path: hits that this thread, or one before it, has counted. */
  readonly tally: SharedArrayBuffer;
}

const { memory, threadIndex, paths, hitsMax, tally } = workerData as ChangesThreadData;
const counter = new SharedHitCounter(memory, threadIndex);
const counted = new Int32Array(tally);
let state = threadIndex;
parentPort?.postMessage("ready");
for (let hit = 0; hit < hitsMax; hit++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  const pathIndex = state % paths.length;
  counter.add(paths[pathIndex]!);
  Atomics.add(counted, pathIndex, 1);
}
parentPort?.postMessage("done");
