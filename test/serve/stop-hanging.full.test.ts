// Stopping a server whose threads hang in the system, as on a network disk that is gone: neither the
// threads nor Node.js's own end return then, and yet the process ends, with what it has to save saved.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isListening } from "../fixtures/free-port.ts";
import { type FuseMount, mountFuse } from "../fixtures/fuse-mount.ts";
import { readJsonLog } from "../fixtures/log-lines.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { HAS_PROC, waitUntil } from "../fixtures/process-facts.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import {
  cleanEnvironment,
  startWeir,
  WEIR_BIN,
  type WeirProcess,
} from "../fixtures/weir-process.ts";

/** A folder with a.txt, and with `hung`, a link to the mount. */
function newSite(t: TestContext, mount: FuseMount): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  symlinkSync(mount.folder, join(dir, "hung"));
  return dir;
}

interface HangingServer {
  readonly weir: WeirProcess;
  readonly dir: string;
  readonly state: string;
  readonly logFile: string;
}

/** A server that has answered three requests, and of whose six others none returns from the mount. */
async function startHanging(
  t: TestContext,
  args: readonly string[],
): Promise<HangingServer | undefined> {
  const mount = await mountFuse(t, { "file.txt": "text" });
  if (mount === undefined) return undefined;
  const dir = newSite(t, mount);
  const folder = makeTempFolder(t);
  const [state, logFile] = [join(folder, "state"), join(folder, "a.log")];
  const own = ["--symlinks", "follow", "--rate", "off", "--workers", "2", "--state", state];
  const log = ["--log", "json", "--log-file", logFile];
  const weir = await startWeir(t, { dir, args: [...own, ...log, ...args] });
  for (let left = 3; left > 0; left--) await requestOnce(weir.port, "/a.txt");
  // A thread that hangs keeps the lines that it has not sent yet, at most those of 100 ms.
  await waitUntil("three lines", () => readFileSync(logFile, "utf8").split("\n").length === 4);
  mount.freeze();
  for (let left = 6; left > 0; left--) ask(t, weir.port, "/hung/file.txt");
  // Time for the requests to be read and to hang.
  await sleep(300);
  return { weir, dir, state, logFile };
}

/** A request whose answer is not waited for. */
function ask(t: TestContext, port: number, target: string): void {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.write(`GET ${target} HTTP/1.1\r\nHost: weir.test\r\n\r\n`);
}

/** What was answered before it hung is counted and noted. */
async function checkSaved(t: TestContext, { dir, state, logFile }: HangingServer): Promise<void> {
  const { stdout } = await runWeir(t, ["hits", "export", dir, "--state", state, "--format", "csv"]);
  assert.match(stdout, /^\/?a\.txt,3$/m);
  const targets = readJsonLog(logFile).lines.map(({ target }) => target);
  assert.deepEqual(targets.slice(0, 3), ["/a.txt", "/a.txt", "/a.txt"]);
}

test("a server whose threads hang ends after --drain with 0, hits and log saved [1 s]", async (t) => {
  const server = await startHanging(t, ["--drain", "1s"]);
  if (server === undefined) return;
  const { weir } = server;
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.match(weir.stderr(), /answers still in progress after 1 s were cut off/);
  assert.equal(await isListening(weir.port), false);
  await checkSaved(t, server);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second ${signal} ends a server whose threads hang at once, with ${code}`, async (t) => {
    const server = await startHanging(t, ["--drain", "1h"]);
    if (server === undefined) return;
    const { weir } = server;
    weir.child.kill("SIGTERM");
    // Two signals at once may arrive as one.
    await sleep(500);
    assert.equal(weir.child.exitCode, null);
    assert.deepEqual(await weir.stop(signal), { code, signal: null });
    await checkSaved(t, server);
  });
}

test("a log file on a disk that hangs keeps no answer waiting, and gets its lines later", async (t) => {
  const mount = await mountFuse(t);
  if (mount === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const logFile = join(mount.folder, "a.log");
  const weir = await startWeir(t, {
    dir,
    args: ["--rate", "off", "--log", "json", "--log-file", logFile],
  });
  await requestOnce(weir.port, "/a.txt");
  await waitUntil("a line", () => readFileSync(join(mount.source, "a.log"), "utf8") !== "");
  mount.freeze();
  for (let left = 3; left > 0; left--) {
    assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
    await sleep(150);
  }
  weir.child.kill("SIGHUP");
  assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
  // Not ended while it hangs: Linux itself waits for a FUSE daemon when a file of it is closed, and
  // no signal ends a process before that.
  mount.thaw();
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.equal(readJsonLog(join(mount.source, "a.log")).lines.length, 5);
});

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code, signal] = await once(child, "close");
  return code ?? (signal === null ? null : 128);
}

test("a start that hangs on the folder's disk is ended by a signal [SIGTERM, SIGINT]", async (t) => {
  const mount = await mountFuse(t, { "site/a.txt": "a" });
  if (mount === undefined) return;
  mount.freeze();
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    const args = [WEIR_BIN, "serve", join(mount.folder, "site"), "--port", "0"];
    const options = { cwd: makeTempFolder(t), env: cleanEnvironment(process.env, {}) };
    const child = spawn(process.execPath, args, { ...options, stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    const ended = endOf(child);
    await sleep(1000);
    child.kill(signal);
    assert.equal(await ended, code);
  }
});

test("the first process of a container ends too, though signals to itself do nothing [unshare --pid]", {
  skip: !HAS_PROC && "needs Linux",
}, async (t) => {
  const unshare = requireProgram(t, "unshare", "util-linux");
  const mount = await mountFuse(t, { "file.txt": "text" });
  if (unshare === undefined || mount === undefined) return;
  const dir = newSite(t, mount);
  const flags = ["--port", "0", "--state", "memory", "--symlinks", "follow", "--drain", "1s"];
  const weir = [
    process.execPath,
    WEIR_BIN,
    "serve",
    dir,
    ...flags,
    "--log",
    "off",
    "--rate",
    "off",
  ];
  // A shell beside it passes the signal on: only a process outside can signal the first one.
  const options = { cwd: makeTempFolder(t), env: cleanEnvironment(process.env, {}) };
  const child = spawn(unshare, ["--pid", "--fork", "--kill-child", ...weir], options);
  t.after(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await waitUntil("it is ready", () => stderr.includes("weir: serving"));
  const port = Number(/:(\d+) \(/.exec(stderr)?.[1]);
  mount.freeze();
  for (let left = 4; left > 0; left--) ask(t, port, "/hung/file.txt");
  await sleep(300);
  const ended = endOf(child);
  const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  process.kill(Number(first), "SIGTERM");
  assert.equal(await ended, 0);
});
