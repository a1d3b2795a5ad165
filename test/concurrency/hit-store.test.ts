// Servers that are started at the same moment make the same new store.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openHitStore } from "../../src/hits/hit-store.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import type { StoreThreadData } from "./hit-store-thread.ts";
import { runThreads } from "./run-threads.ts";
import { drawStartLine } from "./start-line.ts";

const THREAD_COUNT = 4;

test("4 stores are made at once in the same new file, and none fails [150 files]", async (t) => {
  const folder = makeTempFolder(t);
  const files = Array.from({ length: 150 }, (_, file) => join(folder, `${file}.sqlite`));
  const startLine = drawStartLine(THREAD_COUNT);
  const data = Array<StoreThreadData>(THREAD_COUNT).fill({ files, startLine });
  const failures = await runThreads<string[]>(t, "./hit-store-thread.ts", data);
  assert.deepEqual(failures.flat(), []);
  for (const file of files) {
    const store = openHitStore(file, "/served");
    assert.deepEqual(store.readChangedTotals(), [{ path: "/a", total: THREAD_COUNT }]);
    store.close();
  }
});
