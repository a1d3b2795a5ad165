// `weir lab` from outside: what it refuses before anything is started, and what becomes of its servers when
// it is stopped. A whole run is in lab.full.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runWeir } from "./fixtures/run-weir.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, WEIR_BIN } from "./fixtures/weir-process.ts";

test("an experiment that is unknown (conc) exits 2 with the allowed names", async (t) => {
  const run = await runWeir(t, ["lab", "conc"]);
  assert.match(run.stderr, /^weir: unknown experiment "conc": .*concurrency, counter, limit/);
  assert.deepEqual([run.code, run.stdout], [2, ""]);
});

test("--report into a folder that is absent exits 1 before anything is started", async (t) => {
  const run = await runWeir(t, ["lab", "--report", "absent-folder/x.html"]);
  assert.match(
    run.stderr,
    /^weir: cannot write the result to ".*absent-folder\/x\.html": there is no folder ".*absent-folder"/,
  );
  assert.deepEqual([run.code, run.stdout], [1, ""]);
});

test("two experiments at once (limit counter) exit 2", async (t) => {
  const run = await runWeir(t, ["lab", "limit", "counter"]);
  assert.match(run.stderr, /^weir: cannot run "counter" as well as "limit": /);
  assert.equal(run.code, 2);
});

test("--json into a folder that is absent exits 1 before anything is started", async (t) => {
  const run = await runWeir(t, ["lab", "--json", "absent-folder/x.json"]);
  assert.match(
    run.stderr,
    /^weir: cannot write the result to ".*absent-folder\/x\.json": there is no folder ".*absent-folder"/,
  );
  assert.deepEqual([run.code, run.stdout], [1, ""]);
});

/** The processes that work in a folder below `folder`, as the lab's servers do. */
function findProcessesIn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
      } catch {
        // Ended in the meantime, or not ours to see.
        return false;
      }
    });
}

const skip = process.platform === "linux" ? false : "needs /proc";

test("Ctrl-C exits 130 and leaves neither a server nor a folder", { skip }, async (t) => {
  const folder = makeTempFolder(t);
  const child = spawn(process.execPath, [WEIR_BIN, "lab", "concurrency"], {
    env: cleanEnvironment(process.env, { TMPDIR: folder }),
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const closed = once(child, "close");
  while (findProcessesIn(folder).length === 0) {
    assert.equal(child.exitCode, null, "the lab ended before it had started a server");
    await sleep(5);
  }
  child.kill("SIGINT");
  const [code] = await closed;
  assert.equal(code, 130);
  assert.equal(stdout, "");
  // Node keeps its compile cache there too.
  const left = readdirSync(folder).filter((name) => name.startsWith("weir-"));
  assert.deepEqual(left, []);
  assert.deepEqual(findProcessesIn(folder), []);
});
