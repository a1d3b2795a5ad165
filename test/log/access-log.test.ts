// The access log of the real command: what each line says of the limit, the log file and what becomes
// of it on SIGHUP, on a full disk and at the end. Lines under load are in under-load.full.test.ts.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openClient } from "../fixtures/keep-alive-client.ts";
import { BusyClients, numbersOf, readJsonLog } from "../fixtures/log-lines.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { openRawConnection, rawExchange } from "../fixtures/raw-client.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { mountSmallDisk } from "../fixtures/small-disk.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

function newSite(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "0123456789", docs: { "b.txt": "b" } });
  return dir;
}

/** Starts weir with a JSON log in this file, without a limit unless told otherwise. */
function serve(t: TestContext, logFile: string, args: readonly string[] = []) {
  const own = ["--log", "json", "--log-file", logFile, "--workers", "2"];
  const limit = args.includes("--rate") ? [] : ["--rate", "off"];
  return startWeir(t, { dir: newSite(t), args: [...own, ...limit, ...args] });
}

/** What weir said after its ready line. */
function warningsOf(weir: WeirProcess): string[] {
  return weir.stderr().split("\n").slice(1, -1);
}

/** `GET 200 admitted 4`. */
function limitsIn(path: string): string[] {
  return readJsonLog(path).lines.map(
    (line) => `${line.method} ${line.status} ${line.limit} ${line.limit_remaining}`,
  );
}

test("a line tells what the limit said, whatever the answer was [--rate 6/m]", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const weir = await serve(t, path, ["--rate", "6/m", "--workers", "1"]);
  const { port } = weir;
  const { fields } = await requestOnce(port, "/a.txt");
  await requestOnce(port, "/a.txt", { method: "HEAD" });
  await requestOnce(port, "/", { method: "OPTIONS" });
  await requestOnce(port, "/docs");
  const tag = fields.get("etag")?.[0] ?? "";
  await requestOnce(port, "/a.txt", { fields: { "If-None-Match": tag } });
  await requestOnce(port, "/absent");
  await requestOnce(port, "/a.txt");
  await requestOnce(port, "/docs", { method: "HEAD" });
  await rawExchange({ port, send: "not a request\r\n\r\n" });
  await weir.stop();
  assert.deepEqual(limitsIn(path), [
    "GET 200 admitted 5",
    "HEAD 200 admitted 4",
    "OPTIONS 204 admitted 3",
    "GET 301 admitted 2",
    "GET 304 admitted 1",
    "GET 404 admitted 0",
    "GET 429 refused 0",
    "HEAD 429 refused 0",
    "null 400 none null",
  ]);
});

test("without a limit no line tells of one; a connection too many has its line [--rate off]", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const weir = await serve(t, path, ["--client-connections", "1", "--workers", "1"]);
  const first = await openClient(t, { port: weir.port });
  await first.ask("/a.txt");
  const second = await openRawConnection({ port: weir.port });
  await second.waitFor({ kind: "closed" }, ["GET"]);
  second.destroy();
  await weir.stop();
  assert.deepEqual(limitsIn(path), ["GET 200 none null", "null 503 none null"]);
});

test("--log-file appends to the file, which only its owner and group may read; stdout stays empty", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  for (const run of [1, 2]) {
    const weir = await serve(t, path);
    await requestOnce(weir.port, "/a.txt");
    assert.equal((await weir.stop()).code, 0);
    assert.equal(weir.stdout(), "");
    assert.deepEqual(warningsOf(weir), []);
    assert.equal(readJsonLog(path).lines.length, run);
  }
  assert.equal(statSync(path).mode & 0o777, 0o640 & ~process.umask());
});

test("a log file never has colours [--log pretty, FORCE_COLOR=1]", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const args = ["--log", "pretty", "--log-file", path];
  const weir = await startWeir(t, { dir: newSite(t), args, env: { FORCE_COLOR: "1" } });
  await requestOnce(weir.port, "/a.txt");
  await weir.stop();
  assert.match(readFileSync(path, "utf8"), /^\d\d:\d\d:\d\d {2}200 {2}GET \/a\.txt [ -~]*\n$/);
});

test("a log file that cannot be opened is told in one line, and nothing is served", async (t) => {
  const dir = newSite(t);
  const faults: readonly [string, RegExp][] = [
    ["absent/a.log", /there is no folder "[^"]+\/absent" \(make it, or give another --log-file\)/],
    ["docs", /it is a folder \(give the name of a file in it\)/],
    ["a.txt/a.log", /a part of its path is a file \(give a path in a folder\)/],
  ];
  for (const [name, message] of faults) {
    const path = join(dir, name);
    const args = ["serve", dir, "--port", "0", "--state", "memory", "--log-file", path];
    const { code, stdout, stderr } = await runWeir(t, args);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^[^\n]+\n$/);
    assert.ok(stderr.startsWith(`weir: cannot open the log "${path}": `), stderr);
    assert.match(stderr, message);
  }
});

test("SIGHUP: what was answered before stands in the old file, what comes later in the new one", async (t) => {
  const folder = makeTempFolder(t);
  const path = join(folder, "a.log");
  const weir = await serve(t, path);
  for (let round = 0; round < 5; round++) {
    await requestOnce(weir.port, `/a.txt?n=${round}`);
    // The line may not have left its thread yet.
    renameSync(path, join(folder, `${round}.log`));
    weir.child.kill("SIGHUP");
    await waitUntil("the new file is there", () => existsSync(path));
  }
  await requestOnce(weir.port, "/a.txt?n=5");
  assert.equal((await weir.stop()).code, 0);
  for (let round = 0; round < 5; round++) {
    assert.deepEqual(numbersOf(readJsonLog(join(folder, `${round}.log`)).lines), [round]);
  }
  assert.deepEqual(numbersOf(readJsonLog(path).lines), [5]);
});

test("SIGHUP under load: no line is lost, doubled or torn [12 files]", async (t) => {
  const folder = makeTempFolder(t);
  const path = join(folder, "a.log");
  const weir = await serve(t, path);
  const clients = new BusyClients();
  await clients.start(t, weir.port, 16);
  const old: string[] = [];
  for (let round = 0; round < 12; round++) {
    await clients.untilAnswered(200);
    old.push(join(folder, `${round}.log`));
    renameSync(path, old[round] as string);
    weir.child.kill("SIGHUP");
    await waitUntil("the new file is there", () => existsSync(path));
  }
  await clients.untilAnswered(200);
  await clients.stop();
  assert.equal((await weir.stop()).code, 0);
  const lines = [...old, path].map((file) => readJsonLog(file).lines);
  assert.deepEqual(numbersOf(lines.flat()), clients.sorted());
  for (const of of lines) assert.ok(of.length >= 100, `${of.length} lines in a file`);
  assert.deepEqual(warningsOf(weir), []);
});

test("SIGHUP where the new file cannot be opened: one warning, and the old file goes on", async (t) => {
  const folder = join(makeTempFolder(t), "logs");
  mkdirSync(folder);
  const weir = await serve(t, join(folder, "a.log"));
  await requestOnce(weir.port, "/a.txt?n=1");
  renameSync(folder, `${folder}-moved`);
  weir.child.kill("SIGHUP");
  await waitUntil("a warning", () => warningsOf(weir).length > 0);
  await requestOnce(weir.port, "/a.txt?n=2");
  assert.equal((await weir.stop()).code, 0);
  assert.deepEqual(numbersOf(readJsonLog(join(`${folder}-moved`, "a.log")).lines), [1, 2]);
  assert.match(
    warningsOf(weir).join("\n"),
    /^weir: cannot open the log ".*": there is no folder .*; the log goes on in the file that is open$/,
  );
});

test("a full disk: serving goes on, one warning, and the lines follow when there is room again", async (t) => {
  const disk = mountSmallDisk(t, 32 * 1024);
  if (disk === undefined) return;
  const path = join(disk.folder, "a.log");
  const weir = await serve(t, path);
  await requestOnce(weir.port, "/a.txt?n=0");
  await waitUntil("a line", () => readFileSync(path, "utf8") !== "");
  disk.fill();
  const clients = new BusyClients();
  await clients.start(t, weir.port, 8);
  await waitUntil("a warning", () => warningsOf(weir).length > 0);
  await clients.untilAnswered(100);
  disk.free();
  await waitUntil("a second line", () => warningsOf(weir).length > 1);
  await clients.stop();
  assert.equal((await weir.stop()).code, 0);
  assert.deepEqual(numbersOf(readJsonLog(path).lines), [0, ...clients.sorted()]);
  const [first = "", second = "", ...others] = warningsOf(weir);
  assert.match(first, /^weir: cannot write the log to the file ".*": ENOSPC/);
  assert.match(second, /^weir: the log is written to the file ".*" again$/);
  assert.deepEqual(others, []);
});

test("a disk that is full at the end: the process ends, and tells how many lines are missing", async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === undefined) return;
  const path = join(disk.folder, "a.log");
  const weir = await serve(t, path);
  await requestOnce(weir.port, "/a.txt?n=1");
  await waitUntil("a line", () => readFileSync(path, "utf8") !== "");
  disk.fill();
  // More than is left of the block that the first line is in.
  for (let left = 40; left > 0; left--) await requestOnce(weir.port, "/a.txt?n=2");
  await waitUntil("a warning", () => warningsOf(weir).length > 0);
  assert.equal((await weir.stop()).code, 0);
  const missing = /^weir: (\d+) log lines could not be written/.exec(warningsOf(weir)[1] ?? "");
  const written = readFileSync(path, "utf8").split("\n").length - 1;
  assert.equal(written + Number(missing?.[1]), 41);
});

test("after a half line of an earlier run every line is whole", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  writeFileSync(path, '{"time":"2026-');
  const weir = await serve(t, path);
  await requestOnce(weir.port, "/a.txt?n=1");
  await weir.stop();
  const [first, second, ...others] = readFileSync(path, "utf8").split("\n");
  assert.equal(first, '{"time":"2026-');
  assert.equal(JSON.parse(second ?? "").target, "/a.txt?n=1");
  assert.deepEqual(others, [""]);
});

test("a reader of the pipe that leaves ends nothing, and is told once", async (t) => {
  const weir = await startWeir(t, { dir: newSite(t), args: ["--log", "json", "--rate", "off"] });
  weir.child.stdout.destroy();
  const clients = new BusyClients();
  await clients.start(t, weir.port, 4);
  await clients.untilAnswered(500);
  await clients.stop();
  assert.equal((await weir.stop()).code, 0);
  assert.deepEqual(warningsOf(weir), [
    "weir: cannot write the log to standard output: write EPIPE; no more lines are written there",
  ]);
});
