// A thread of sqlite.test.ts: opens a new file of hits at the same moment as the others, adds one hit and
// closes it, once for each file. Posts what failed.

import { parentPort, workerData } from "node:worker_threads";
import { openSqliteHits } from "../../src/hits/sqlite.ts";
import { type StartLine, waitAtStartLine } from "./start-line.ts";

export interface SqliteThreadData {
  readonly files: readonly string[];
  readonly startLine: StartLine;
}

const { files, startLine } = workerData as SqliteThreadData;
const failures: string[] = [];
files.forEach((file, round) => {
  waitAtStartLine(startLine, round);
  try {
    const sqlite = openSqliteHits(file, "/served");
    sqlite.addGains([{ path: "/a", gained: 1 }]);
    sqlite.close();
  } catch (error) {
    failures.push(`${file}: ${(error as Error).message}`);
  }
});
parentPort?.postMessage(failures);
