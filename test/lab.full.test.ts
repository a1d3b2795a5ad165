// `weir lab` from outside: one real run, and the figures of its report held against theory. Bounds of time
// are lower ones, or relative: the machine may be busy. What lab refuses is in lab.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type {
  ConcurrencyResult,
  CounterResult,
  LabResult,
  LimitResult,
} from "../src/lab/result.ts";
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

/** Only ends a lab that hangs; it takes about 50 s. */
const labMsMax = 280_000;

interface LabRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runLab(t: TestContext, args: readonly string[]): Promise<LabRun> {
  const child = spawn(process.execPath, [WEIR_BIN, "lab", ...args], {
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: labMsMax,
  });
  t.after(() => child.kill("SIGKILL"));
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  return { code, stdout, stderr };
}

/** The rows of the report's table of that name, as a person reads them. */
function readTable(html: string, caption: string): string[][] {
  const start = html.indexOf(`aria-label="${caption}"`);
  assert.ok(start >= 0, `the report has no table "${caption}"`);
  const body = html.slice(html.indexOf("<tbody>", start), html.indexOf("</tbody>", start));
  return Array.from(body.matchAll(/<tr>(.*?)<\/tr>/g), ([, row = ""]) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g), ([, cell = ""]) => cell),
  );
}

/** `25.20 s`, `1,234` and the like. */
function readNumber(cell: string | undefined): number {
  const number = Number.parseFloat((cell ?? "").replaceAll(",", ""));
  assert.ok(Number.isFinite(number), `"${cell}" is not a number`);
  return number;
}

function checkConcurrency(html: string, { forms }: ConcurrencyResult): void {
  const rows = readTable(html, "Time until all requests are answered");
  assert.deepEqual(
    rows.map(([requests]) => Number(requests)),
    [1, 2, 5, 10, 20, 50],
  );
  for (const [requests, serial, serialTheory, concurrent, concurrentTheory] of rows.map((row) =>
    row.map(readNumber),
  ) as [number, number, number, number, number][]) {
    assert.deepEqual([serialTheory, concurrentTheory], [requests * 0.5, 0.5]);
    // Each request takes its half second, less what a timer may end early and the figure is rounded.
    assert.ok(serial >= serialTheory - 0.02, `${requests} one at a time took ${serial} s`);
    assert.ok(concurrent >= 0.48, `${requests} concurrently took ${concurrent} s`);
    // A busy machine may add to either; it cannot make the one form the other.
    if (requests >= 10) assert.ok(concurrent < serial / 2, `${concurrent} s against ${serial} s`);
  }
  assert.equal(forms.length, 12);
  for (const { form, requests, successful } of forms) assert.equal(successful, requests, form);
}

function checkCounter(html: string, { runs }: CounterResult): void {
  const rows = readTable(html, "Additions that were lost").map((row) => row.map(readNumber));
  assert.deepEqual(
    rows.map(([threads]) => threads),
    [1, 2, 4, 8],
  );
  for (const [threads = 0, additions, plainLost = -1, , atomicLost] of rows) {
    assert.deepEqual([additions, atomicLost], [threads * 1_000_000, 0]);
    assert.ok(plainLost >= 0 && (threads > 1 || plainLost === 0), `${threads}: ${plainLost} lost`);
  }
  const [hits] = readTable(html, "Hits counted by weir");
  assert.deepEqual(hits?.slice(3), ["2,400", "2,400", "0"]);
  for (const { additions, counted, lost } of runs) assert.equal(counted + lost, additions);
}

function checkLimit(html: string, { burst, contest }: LimitResult): void {
  const series = readTable(html, "One client: admitted and refused");
  const [atOnce, spaced, under, over] = series.map((row) => row.slice(1, 6).map(readNumber));
  // Exactly 5, unless the burst took longer than a second: then 5 more for each.
  const burstMax = 5 * (1 + Math.floor(burst.durationMs / 1000));
  const [sent, admitted = 0, theory, refused = 0, failed] = atOnce ?? [];
  assert.deepEqual([sent, theory, failed], [200, 5, 0]);
  assert.ok(admitted >= 5 && admitted <= burstMax, `${admitted} of 200 were admitted`);
  assert.equal(admitted + refused, 200);
  assert.deepEqual(spaced, [10, 10, 10, 0, 0]);
  assert.deepEqual(under, [18, 18, 18, 0, 0]);
  assert.deepEqual([over?.[0], over?.[2], over?.[4]], [18, 15, 0]);
  if (contest.kind === "skipped") {
    assert.notEqual(process.platform, "linux", contest.reason);
    return;
  }
  checkContest(readTable(html, "Two clients at once: admitted and refused"));
}

function checkContest(rows: readonly string[][]): void {
  assert.deepEqual(
    rows.map(([role]) => role),
    ["spamming", "polite"],
  );
  const [spamming, polite] = rows.map((row) => row.slice(2).map(readNumber));
  const [, spammed = 0, refused = 0, , , , withinWindow = 0] = spamming ?? [];
  assert.ok(withinWindow <= 5, `${withinWindow} in 1 s`);
  assert.ok(spammed >= 5 && refused > 0, `${spammed} admitted, ${refused} refused`);
  const [sent = 0, admitted, politeRefused, failed] = polite ?? [];
  assert.ok(sent > 0);
  assert.deepEqual([admitted, politeRefused, failed], [sent, 0, 0]);
}

test("the lab's report tells figures that agree with theory, as do its JSON and its tables", async (t) => {
  const folder = makeTempFolder(t);
  const [html, json] = [join(folder, "lab.html"), join(folder, "lab.json")];
  const run = await runLab(t, ["--report", html, "--json", json]);
  const { schema, machine, experiments } = JSON.parse(readFileSync(json, "utf8")) as LabJson;
  assert.equal(schema, "weir-lab/1");
  assert.equal(machine.node, process.version);
  assert.deepEqual(Object.keys(experiments), ["concurrency", "counter", "limit"]);
  const page = readFileSync(html, "utf8");
  checkConcurrency(page, experiments.concurrency);
  checkCounter(page, experiments.counter);
  checkLimit(page, experiments.limit);
  for (const heading of [/^Concurrency: /m, /^Counter: /m, /^Limit: /m]) {
    assert.match(run.stdout, heading);
  }
  for (const line of run.stdout.split("\n")) assert.ok(line.length <= 80, line);
  assert.equal(run.stdout, stripVTControlCharacters(run.stdout));
  const checks = Object.values(experiments).flatMap((experiment) => experiment.checks);
  assert.ok(checks.length >= 40, `${checks.length} checks`);
  // The exit code follows the checks, whose bounds are narrower than those above.
  assert.equal(run.code, checks.every(({ holds }) => holds) ? 0 : 1, run.stderr);
});

test("lab counter --json - puts JSON alone on stdout and the tables on stderr", async (t) => {
  const run = await runLab(t, ["counter", "--json", "-"]);
  const { experiments } = JSON.parse(run.stdout) as LabJson;
  assert.deepEqual(Object.keys(experiments), ["counter"]);
  assert.match(run.stderr, /^Counter: /m);
  assert.equal(run.code, 0, run.stderr);
});
