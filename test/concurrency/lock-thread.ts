// A thread of lock.test.ts. `die`: takes every lock of the hit table, or draws tickets of the gate,
// and ends without a word. `count`: counts hits, which needs the locks.

import { parentPort, workerData } from "node:worker_threads";
import { SharedHitCounter } from "../../src/hits/counter.ts";
import type { SharedMemory } from "../../src/memory/memory-layout.ts";
import { takeLock } from "../../src/memory/shared-table.ts";

export interface LockThreadData {
  readonly memory: SharedMemory;
  readonly threadIndex: number;
  readonly role: "die" | "count";
  readonly paths: readonly string[];
}

const { memory, threadIndex, role, paths } = workerData as LockThreadData;
const counter = new SharedHitCounter(memory, threadIndex);

if (role === "die") {
  for (let setIndex = 0; setIndex < counter.table.setCount; setIndex++)
    takeLock(counter.table.words, setIndex, threadIndex);
  process.exit();
}

parentPort?.on("message", () => {
  for (const path of paths) counter.add(path);
  parentPort?.postMessage("counted");
  parentPort?.close();
});
parentPort?.postMessage("ready");
