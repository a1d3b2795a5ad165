// A thread of hit-counter.test.ts: adds the hits that it is told to, meeting the others at the start
// line before each group of them.

import { parentPort, workerData } from "node:worker_threads";
import { SharedHitCounter } from "../../src/hits/counter.ts";
import type { SharedMemory } from "../../src/memory/memory-layout.ts";
import { type StartLine, waitAtStartLine } from "./start-line.ts";

export interface HitThreadData {
  readonly memory: SharedMemory;
  readonly threadIndex: number;
  /** Each group begins at the start line. */
  readonly groups: readonly (readonly string[])[];
  /** Each group's paths are added this many times, in turn. */
  readonly rounds: number;
  readonly startLine: StartLine;
}

const { memory, threadIndex, groups, rounds, startLine } = workerData as HitThreadData;
const counter = new SharedHitCounter(memory, threadIndex);
groups.forEach((paths, group) => {
  waitAtStartLine(startLine, group);
  for (let round = 0; round < rounds; round++) {
    for (const path of paths) counter.add(path);
  }
});
parentPort?.postMessage("done");
