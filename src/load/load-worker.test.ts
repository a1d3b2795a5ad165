import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { LoadThreadData } from "./load-thread.ts";
import { startLoadWorkers } from "./load-worker.ts";
import { makePlan } from "./plan.ts";

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
  const options = { host: "127.0.0.1", port: 1, requestTarget: "/", timeoutMs: 20_000 };
  const plan = makePlan({ ...options, requests: 2, connections: 2, threads: 2, keepAlive: true });
  const job = { plan, requestTexts: [""], tls: undefined, threadIndex: 0 };
  const target = { kind: "failed", reason: "refused", detail: "" } as const;
  const sound: LoadThreadData = { job, target, livePeriodMs: undefined };
  const broken = { job: { threadIndex: 1 }, target } as unknown as LoadThreadData;
  await (await startLoadWorkers([sound]))[0]!.run(0);
  await assert.rejects(startLoadWorkers([sound, broken]), /a load thread ended: .*undefined/);
  assert.equal(countLoadThreads(), 0);
});
