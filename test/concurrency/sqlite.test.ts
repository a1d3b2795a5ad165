// Servers that are started at the same moment make the same new file of hits.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openSqliteHits } from "../../src/hits/sqlite.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { runThreads } from "./run-threads.ts";
import type { SqliteThreadData } from "./sqlite-thread.ts";
import { drawStartLine } from "./start-line.ts";

const THREAD_COUNT = 4;

test("4 threads make the same new file at once, and none fails [150 files]", async (t) => {
  const folder = makeTempFolder(t);
  const files = Array.from({ length: 150 }, (_, file) => join(folder, `${file}.sqlite`));
  const startLine = drawStartLine(THREAD_COUNT);
  const data = Array<SqliteThreadData>(THREAD_COUNT).fill({ files, startLine });
  const failures = await runThreads<string[]>(t, "./sqlite-thread.ts", data);
  assert.deepEqual(failures.flat(), []);
  for (const file of files) {
    const sqlite = openSqliteHits(file, "/served");
    assert.deepEqual(sqlite.readChangedTotals(), [{ path: "/a", total: THREAD_COUNT }]);
    sqlite.close();
  }
});
