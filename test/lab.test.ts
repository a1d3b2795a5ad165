// `weir lab` from outside: one real run, its figures held against theory, and what becomes of its
// servers when it is stopped. Bounds of time are lower ones, or relative: the machine may be busy.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type {
  ConcurrencyResult,
  CounterResult,
  LabResult,
  LimitResult,
} from "../src/lab/lab-result.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, WEIR_BIN } from "./fixtures/weir-process.ts";

interface LabJson extends Omit<LabResult, "experiments"> {
  readonly schema: string;
  readonly experiments: {
    readonly concurrency: ConcurrencyResult;
    readonly counter: CounterResult;
    readonly limit: LimitResult;
  };
}

function checkConcurrency({ forms }: ConcurrencyResult): void {
  const [serial, concurrent] = forms;
  assert.ok(serial !== undefined && concurrent !== undefined);
  assert.deepEqual([serial.successful, concurrent.successful], [10, 10]);
  // Ten times at least 500 ms, each less what a timer may end early.
  assert.ok(serial.totalMs >= 4990, `one at a time took ${serial.totalMs} ms`);
  assert.ok(concurrent.totalMs >= 490, `concurrent took ${concurrent.totalMs} ms`);
  assert.ok(concurrent.totalMs < serial.totalMs, `concurrent took ${concurrent.totalMs} ms`);
}

function checkCounter({ runs }: CounterResult): void {
  const [plain, atomic, hits] = runs;
  assert.ok(plain !== undefined && atomic !== undefined && hits !== undefined);
  assert.equal(plain.counted + plain.lost, plain.additions);
  assert.ok(plain.lost >= 0, `the plain form lost ${plain.lost}`);
  assert.deepEqual([atomic.counted, atomic.lost], [atomic.additions, 0]);
  assert.deepEqual([hits.additions, hits.counted, hits.lost], [2400, 2400, 0]);
}

function checkLimit({ burst, spaced, contest }: LimitResult): void {
  // Exactly 5, unless the burst took longer than a second: then 5 more for each.
  assert.ok(burst.admitted >= 5 && burst.admitted <= 5 * (1 + Math.floor(burst.durationMs / 1000)));
  assert.equal(burst.admitted + burst.refused, 200);
  assert.deepEqual([spaced.admitted, spaced.refused, spaced.failed], [spaced.sent, 0, 0]);
  if (contest.kind === "skipped") {
    assert.notEqual(process.platform, "linux", contest.reason);
    return;
  }
  const [spamming, polite] = contest.clients;
  assert.ok(spamming !== undefined && polite !== undefined);
  assert.ok(spamming.admittedWithinWindowMax <= 5, `${spamming.admittedWithinWindowMax} in 1 s`);
  assert.ok(spamming.admitted >= 5 && spamming.refused > 0);
  assert.ok(polite.sent > 0);
  assert.deepEqual([polite.admitted, polite.refused, polite.failed], [polite.sent, 0, 0]);
}

test("lab --json - carries out all experiments, and their figures agree with theory", async (t) => {
  const run = await runWeir(t, ["lab", "--json", "-"]);
  const { schema, machine, experiments } = JSON.parse(run.stdout) as LabJson;
  assert.equal(schema, "weir-lab/1");
  assert.equal(machine.node, process.version);
  assert.deepEqual(Object.keys(experiments), ["concurrency", "counter", "limit"]);
  checkConcurrency(experiments.concurrency);
  checkCounter(experiments.counter);
  checkLimit(experiments.limit);
  // The text, with the JSON on stdout, goes to stderr; the exit code follows the checks.
  for (const heading of [/^Concurrency: /m, /^Counter: /m, /^Limit: /m]) {
    assert.match(run.stderr, heading);
  }
  for (const line of run.stderr.split("\n")) assert.ok(line.length <= 80, line);
  assert.equal(run.stderr, stripVTControlCharacters(run.stderr));
  const checks = Object.values(experiments).flatMap((experiment) => experiment.checks);
  assert.ok(checks.length >= 12, `${checks.length} checks`);
  assert.equal(run.code, checks.every(({ holds }) => holds) ? 0 : 1);
});

test("an experiment that is unknown (conc) exits 2 with the allowed names", async (t) => {
  const run = await runWeir(t, ["lab", "conc"]);
  assert.match(run.stderr, /^weir: unknown experiment "conc": .*concurrency, counter, limit/);
  assert.deepEqual([run.code, run.stdout], [2, ""]);
});

test("two experiments at once (limit counter) exit 2", async (t) => {
  const run = await runWeir(t, ["lab", "limit", "counter"]);
  assert.match(run.stderr, /^weir: cannot carry out "counter" beside "limit": /);
  assert.equal(run.code, 2);
});

test("--json into a folder that is absent exits 1 before anything is started", async (t) => {
  const run = await runWeir(t, ["lab", "--json", "absent-folder/x.json"]);
  assert.match(
    run.stderr,
    /^weir: cannot write the result to ".*absent-folder\/x\.json" \(ENOENT\)/,
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
