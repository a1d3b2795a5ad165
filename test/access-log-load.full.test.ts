// The access log while many clients ask: one line for each answer, none lost, doubled or torn, to a
// file and to a pipe; and a reader that is too slow, which must hold up no answer. How fast it is
// stands in the benchmarks: no timing decides here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { LoadResult } from "../src/load/result.ts";
import { BusyClients, type JsonLog, numbersOf, parseJsonLog } from "./fixtures/log-lines.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "./fixtures/weir-process.ts";

interface LoggedServer {
  readonly weir: WeirProcess;
  /** The whole log; once the server has ended. */
  readLog(): string;
}

const OUTPUTS = ["a file", "a pipe"] as const;

async function serve(
  t: TestContext,
  output: (typeof OUTPUTS)[number],
  args: readonly string[],
): Promise<LoggedServer> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "0123456789" });
  const path = join(makeTempFolder(t), "a.log");
  const place = output === "a file" ? ["--log-file", path] : [];
  const weir = await startWeir(t, { dir, args: ["--workers", "2", ...args, ...place] });
  const readLog = () => (output === "a file" ? readFileSync(path, "utf8") : weir.stdout());
  return { weir, readLog };
}

/** Sends so many requests and waits for all answers; fails unless there is one to each. */
async function load(
  t: TestContext,
  { url }: WeirProcess,
  requestCount: number,
  args: readonly string[],
): Promise<LoadResult> {
  const target = `${url}/a.txt`;
  const all = ["load", target, "-n", String(requestCount), ...args, "--json", "-"];
  const { stdout, stderr } = await runWeir(t, all);
  assert.notEqual(stdout, "", stderr);
  const result = JSON.parse(stdout) as LoadResult;
  assert.equal(result.answered, requestCount, JSON.stringify(result.failuresByReason));
  return result;
}

function countStatuses({ lines }: JsonLog): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of lines) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const LOAD = ["-c", "64", "--pipelining", "4"];

for (const output of OUTPUTS) {
  test(`100,000 answers have 100,000 lines in ${output}, each whole [--rate off]`, async (t) => {
    const { weir, readLog } = await serve(t, output, ["--log", "json", "--rate", "off"]);
    await load(t, weir, 100_000, LOAD);
    assert.equal((await weir.stop()).code, 0);
    const log = parseJsonLog(readLog());
    assert.equal(log.droppedLines, 0);
    assert.deepEqual(countStatuses(log), { 200: 100_000 });
  });

  test(`refusals have their lines in ${output}, as many as there were [--rate 5/s, combined]`, async (t) => {
    const { weir, readLog } = await serve(t, output, ["--log", "combined", "--rate", "5/s"]);
    const { byStatus } = await load(t, weir, 30_000, LOAD);
    assert.equal((await weir.stop()).code, 0);
    const line =
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt HTTP\/1\.1" (\d{3}) \d+ "-" "[^"]*"$/gm;
    const log = readLog();
    const counts: Record<string, number> = {};
    for (const [, status = ""] of log.matchAll(line)) counts[status] = (counts[status] ?? 0) + 1;
    assert.deepEqual(counts, byStatus);
    assert.equal(log.split("\n").length, 30_001);
  });

  test(`SIGTERM under load: every answer has its line in ${output}`, async (t) => {
    const { weir, readLog } = await serve(t, output, ["--log", "json", "--rate", "off"]);
    const clients = new BusyClients();
    await clients.start(t, weir.port, 32);
    await clients.untilAnswered(1000);
    assert.equal((await weir.stop()).code, 0);
    await clients.ended();
    assert.deepEqual(numbersOf(parseJsonLog(readLog()).lines), clients.sorted());
  });
}

test("a reader that is paused holds up no answer; what is not written is counted", async (t) => {
  const { weir, readLog } = await serve(t, "a pipe", ["--log", "json", "--rate", "off"]);
  weir.child.stdout.pause();
  // Lines of 3 kB: the 16 MiB that wait, and what a pipe holds, are full long before the end.
  const fields = ["-H", `User-Agent: ${"x".repeat(1500)}`, "-H", `Referer: ${"y".repeat(1500)}`];
  const requestCount = 20_000;
  await load(t, weir, requestCount, [...LOAD, ...fields]);
  // And it is still there for others than the log.
  assert.equal((await fetch(`${weir.url}/a.txt`)).status, 200);
  weir.child.stdout.resume();
  assert.equal((await weir.stop()).code, 0);
  const log = parseJsonLog(readLog());
  assert.ok(log.lines.length > 3000, `${log.lines.length} lines were written`);
  assert.ok(log.droppedLines > 0);
  assert.equal(log.lines.length + log.droppedLines, requestCount + 1);
});

test("a reader that is paused for good does not keep the process", async (t) => {
  const { weir } = await serve(t, "a pipe", ["--log", "json", "--rate", "off"]);
  weir.child.stdout.pause();
  await load(t, weir, 2000, LOAD);
  weir.child.kill("SIGTERM");
  // "close" would wait for the pipe's reader, which is us.
  await new Promise((resolve) => weir.child.once("exit", resolve));
  assert.equal(weir.child.exitCode, 0);
  assert.match(weir.stderr(), /^weir: \d+ log lines could not be written to standard output$/m);
  weir.child.stdout.resume();
});
