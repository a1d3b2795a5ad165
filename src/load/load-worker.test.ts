import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type LoadThreadData, startLoadWorkers } from "./load-worker.ts";

/** Linux shows them in /proc; elsewhere a thread that is left keeps this file from ending. */
function countLoadThreads(): number {
  if (process.platform !== "linux") return 0;
  return readdirSync("/proc/self/task").filter(isLoadThread).length;
}

function isLoadThread(task: string): boolean {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("weir load");
  } catch {
    // A thread of Node's own that has just ended.
    return false;
  }
}

test("a load thread that cannot start fails the run, and none of the others is left", async () => {
  const target = { kind: "failed", reason: "refused", detail: "" } as const;
  const job = { threadIndex: 0, plan: { model: {}, connections: 1, threads: 2 }, requestTexts: [] };
  const broken = { job: { threadIndex: 1 }, target } as unknown as LoadThreadData;
  const sound = { job, target } as unknown as LoadThreadData;
  await assert.rejects(
    startLoadWorkers([sound, broken]),
    /^Error: a load thread ended: .*undefined/,
  );
  assert.equal(countLoadThreads(), 0);
});
