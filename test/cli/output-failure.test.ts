// Outputs that fail, of the real command: a server goes on serving and says so once where it still can,
// any other command ends with one line. Terminals are in terminal-close.full.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isListening } from "../fixtures/free-port.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { HAS_PROC, waitUntil } from "../fixtures/process-facts.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir, WEIR_BIN } from "../fixtures/weir-process.ts";

const LINUX_ONLY = { skip: !HAS_PROC && "needs /dev/full of Linux" };
/** Only ends a run that hangs. */
const RUN_MS_MAX = 60_000;

interface ShellRun {
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<number | null>;
  stop(): Promise<number | null>;
}

/** Runs weir with standard streams as the shell makes them, such as `>/dev/full 2>&-`. */
function runRedirected(t: TestContext, redirection: string, args: readonly string[]): ShellRun {
  const script = `exec "$0" "$@" ${redirection}`;
  const child = spawn("/bin/sh", ["-c", script, process.execPath, WEIR_BIN, ...args], {
    cwd: makeTempFolder(t),
    env: cleanEnvironment(process.env, {}),
    timeout: RUN_MS_MAX,
    killSignal: "SIGKILL",
  });
  t.after(() => child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      text[name] += more;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { stdout: () => text.stdout, stderr: () => text.stderr, ended, stop };
}

/** A server that may be unable to say where it listens. */
async function serveRedirected(t: TestContext, redirection: string, more: readonly string[] = []) {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const port = await findFreePort();
  const own = ["--port", String(port), "--host", "127.0.0.1", "--state", "memory"];
  const limits = ["--rate", "off", "--workers", "1"];
  const run = runRedirected(t, redirection, ["serve", dir, ...own, ...limits, ...more]);
  const ended = run.ended.then(() => true);
  while (!(await isListening(port))) {
    const hasEnded = await Promise.race([ended, sleep(20, false)]);
    assert.ok(!hasEnded, `it ended: ${run.stderr()}`);
  }
  return { ...run, port };
}

async function askOften(port: number): Promise<void> {
  for (let left = 3; left > 0; left--) {
    assert.equal((await requestOnce(port, "/a.txt")).status, 200);
    // Longer than a line waits in its thread.
    await sleep(150);
  }
}

const CANNOT = "^weir: cannot write the log to standard output: ";

/** What the shell does with the streams, and what is said behind the ready line while it serves. */
const REDIRECTIONS: readonly [redirection: string, said: RegExp | undefined][] = [
  [">/dev/full", new RegExp(`${CANNOT}ENOSPC[^\n]*; lines wait in memory[^\n]*\n$`)],
  ["1</dev/null", new RegExp(`${CANNOT}EBADF[^\n]*; no more lines are written there\n$`)],
  [">&-", /^$/],
  [">/dev/full 2>/dev/full", undefined],
  [">&- 2>&- <&-", undefined],
  ["1</dev/null 2</dev/null", undefined],
];

for (const [redirection, said] of REDIRECTIONS) {
  test(
    `a server serves on and stops well, and tells a failure once [${redirection}]`,
    LINUX_ONLY,
    async (t) => {
      const weir = await serveRedirected(t, redirection);
      await askOften(weir.port);
      if (said !== undefined) {
        const behindReadyLine = () => weir.stderr().replace(/^weir: serving [^\n]*\n/, "");
        await waitUntil(`stderr is ${said}`, () => said.test(behindReadyLine()));
      }
      assert.equal(await weir.stop(), 0);
      if (said === undefined) assert.equal(weir.stderr(), "");
    },
  );
}

test("standard error that fails leaves the log as it is [2>/dev/full]", LINUX_ONLY, async (t) => {
  const weir = await serveRedirected(t, "2>/dev/full", ["--log", "common"]);
  await askOften(weir.port);
  assert.equal(await weir.stop(), 0);
  assert.match(weir.stdout(), /^([^\n]*"GET \/a\.txt HTTP\/1\.1" 200 1\n){3}$/);
});

test("a log file that may not grow ends nothing [ulimit -f 1]", LINUX_ONLY, async (t) => {
  const logFile = join(makeTempFolder(t), "a.log");
  // The shell's own limit, in blocks of 512 bytes: the system's signal for it ends a process.
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const port = await findFreePort();
  const words = [process.execPath, WEIR_BIN, "serve", dir, "--port", String(port)];
  const flags = ["--state", "memory", "--rate", "off", "--log-file", logFile];
  const child = spawn("/bin/sh", ["-c", 'ulimit -f 1 && exec "$0" "$@"', ...words, ...flags], {
    cwd: dir,
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await waitUntil("it serves", () => stderr.includes("weir: serving"));
  for (let left = 12; left > 0; left--) await requestOnce(port, "/a.txt");
  await waitUntil("a warning", () =>
    /cannot write the log to the file "[^"]+": EFBIG/.test(stderr),
  );
  assert.equal((await requestOnce(port, "/a.txt")).status, 200);
  const ended = once(child, "close");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.equal(stderr.match(/cannot write the log/g)?.length, 1);
});

test(
  "what a server thread says on a standard error without a reader ends nothing",
  LINUX_ONLY,
  async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "a" });
    // A file that can be opened and not be read: every answer about it fails in its thread.
    symlinkSync("/sys/class/net/lo/speed", join(dir, "broken.txt"));
    const args = ["--symlinks", "follow", "--rate", "off", "--workers", "2"];
    const weir = await startWeir(t, { dir, args });
    assert.equal((await requestOnce(weir.port, "/broken.txt")).status, 500);
    await waitUntil("it is told", () => weir.stderr().includes('cannot answer "/broken.txt"'));
    weir.child.stderr.destroy();
    for (let left = 5; left > 0; left--) {
      assert.equal((await requestOnce(weir.port, "/broken.txt")).status, 500);
      assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
      await sleep(50);
    }
    assert.equal((await weir.stop()).code, 0);
  },
);

test(
  "a standard error that is not read holds nothing up, and is bounded",
  LINUX_ONLY,
  async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "a" });
    symlinkSync("/sys/class/net/lo/speed", join(dir, "broken.txt"));
    const args = ["--symlinks", "follow", "--rate", "off", "--workers", "1"];
    const weir = await startWeir(t, { dir, args });
    weir.child.stderr.pause();
    // Lines of 7 kB: what the pipe takes and what waits for it are far less than so many.
    const target = `/broken.txt?${"x".repeat(7000)}`;
    for (let left = 150; left > 0; left--) await requestOnce(weir.port, target);
    assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
    weir.child.stderr.resume();
    await waitUntil("what waited is told", () => weir.stderr().length > 256 * 1024);
    await requestOnce(weir.port, "/broken.txt");
    await waitUntil("the rest is told", () => weir.stderr().includes("lines are missing here"));
    assert.equal((await weir.stop()).code, 0);
  },
);

const FULL_LINE = /^weir: cannot write to standard output: its disk is full \(ENOSPC\)\n$/;

const OTHER_COMMANDS: readonly (readonly string[])[] = [
  ["help"],
  ["--version"],
  ["serve", "--help"],
  ["get", "URL"],
  ["load", "URL", "-n", "1", "--json", "-"],
  ["hits", "export", "DIR", "--state", "STATE"],
];

test(
  "a command whose standard output is full ends with one line and 1 [>/dev/full]",
  LINUX_ONLY,
  async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "text\n".repeat(100_000) });
    const state = makeTempFolder(t);
    const weir = await startWeir(t, { dir, args: ["--rate", "off", "--state", state] });
    const values = new Map([
      ["URL", `${weir.url}/a.txt`],
      ["DIR", dir],
      ["STATE", state],
    ]);
    for (const words of OTHER_COMMANDS) {
      // What it has counted is saved by then, the answers to the commands before among it.
      if (words[0] === "hits") await weir.stop();
      const args = words.map((word) => values.get(word) ?? word);
      const { ended, stderr } = runRedirected(t, ">/dev/full", args);
      assert.equal(await ended, 1, words.join(" "));
      // What `load` shows to people when its result goes to a program is no failure.
      const failures = stderr()
        .split("\n")
        .filter((line) => line.startsWith("weir: "));
      assert.match(`${failures.join("\n")}\n`, FULL_LINE, words.join(" "));
      assert.doesNotMatch(stderr(), /\n +at /);
    }
  },
);

test(
  "a command whose standard error is full ends with 1, and one whose reader has left in silence",
  LINUX_ONLY,
  async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "text\n".repeat(100_000) });
    const weir = await startWeir(t, { dir, args: ["--rate", "off"] });
    const url = `${weir.url}/a.txt`;
    assert.equal(await runRedirected(t, "2>/dev/full", ["get", `${weir.url}/absent`]).ended, 1);
    const piped = runRedirected(t, "| head -c 5", ["get", url]);
    assert.equal(await piped.ended, 0);
    assert.deepEqual([piped.stdout(), piped.stderr()], ["text\n", ""]);
  },
);
