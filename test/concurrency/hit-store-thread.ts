// A thread of hit-store.test.ts: opens a new store at the same moment as the others, adds one hit and
// closes it, once for each file. Posts what failed.

import { parentPort, workerData } from "node:worker_threads";
import { openHitStore } from "../../src/hits/hit-store.ts";
import { type StartLine, waitAtStartLine } from "./start-line.ts";

export interface StoreThreadData {
  readonly files: readonly string[];
  readonly startLine: StartLine;
}

const { files, startLine } = workerData as StoreThreadData;
const failures: string[] = [];
files.forEach((file, round) => {
  waitAtStartLine(startLine, round);
  try {
    const store = openHitStore(file, "/served");
    store.addGains([{ path: "/a", gained: 1 }]);
    store.close();
  } catch (error) {
    failures.push(`${file}: ${(error as Error).message}`);
  }
});
parentPort?.postMessage(failures);
