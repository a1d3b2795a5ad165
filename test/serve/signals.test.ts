// Signals of the real command, from its first moment on: which of them end a server, what they do to its
// log, and that none opens the debugger of Node.js. Terminals are in terminal-close.full.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isListening } from "../fixtures/free-port.ts";
import { numbersOf, readJsonLog } from "../fixtures/log-lines.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { HAS_PROC, waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, READY_LINE, startWeir, WEIR_BIN } from "../fixtures/weir-process.ts";

function newSite(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  return dir;
}

test("SIGHUP, SIGUSR1 and SIGUSR2 end nothing where no stream is a terminal, and open no debugger", async (t) => {
  const weir = await startWeir(t, { dir: newSite(t), args: ["--rate", "off"] });
  for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGHUP"] as const) {
    weir.child.kill(signal);
    assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
  }
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.match(weir.stderr(), /^weir: serving [^\n]*\n$/);
});

test("SIGUSR1 opens the log file again, as SIGHUP does", async (t) => {
  const folder = makeTempFolder(t);
  const path = join(folder, "a.log");
  const args = ["--log", "json", "--log-file", path, "--rate", "off"];
  const weir = await startWeir(t, { dir: newSite(t), args });
  for (const [round, signal] of (["SIGUSR1", "SIGHUP", "SIGUSR1"] as const).entries()) {
    await requestOnce(weir.port, `/a.txt?n=${round}`);
    const old = join(folder, `${round}.log`);
    renameSync(path, old);
    weir.child.kill(signal);
    await waitUntil("the new file is there", () => existsSync(path));
    assert.deepEqual(numbersOf(readJsonLog(old).lines), [round]);
  }
  assert.equal((await weir.stop()).code, 0);
  assert.match(weir.stderr(), /^weir: serving [^\n]*\n$/);
});

/** Starts weir, and gives the process before it is ready. */
function spawnWeir(t: TestContext, args: readonly string[]) {
  const words = [WEIR_BIN, ...args];
  const env = cleanEnvironment(process.env, {});
  const child = spawn(process.execPath, words, { cwd: makeTempFolder(t), env });
  t.after(() => child.kill("SIGKILL"));
  const output = { stderr: "" };
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, output, ended };
}

/** In all stages of a start, on machines of any speed: part of the time that a whole start takes. */
const MOMENTS = [
  [0.3, "SIGTERM", 143],
  [0.5, "SIGINT", 130],
  [0.7, "SIGTERM", 143],
  [0.9, "SIGINT", 130],
] as const;

test("a signal at any moment of the start ends it, in silence and with a code that says so", async (t) => {
  const args = ["serve", newSite(t), "--port", "0", "--state", "memory", "--workers", "2"];
  const beginMs = performance.now();
  const first = spawnWeir(t, args);
  await waitUntil("it is ready", () => READY_LINE.test(first.output.stderr));
  const startMs = performance.now() - beginMs;
  // The ready line is out: from here on it is an ordinary stop.
  first.child.kill("SIGTERM");
  assert.deepEqual(await first.ended, [0, null]);
  for (const [moment, signal, byForce] of MOMENTS) {
    const { child, output, ended } = spawnWeir(t, args);
    await sleep(startMs * moment);
    child.kill(signal);
    const [code, endSignal] = await ended;
    // The signal itself: it came before Node.js had run a line of ours.
    const isExpected = code === 0 || code === byForce || endSignal === signal;
    assert.ok(isExpected, `${moment}: ${code} ${endSignal}, ${output.stderr}`);
    assert.match(output.stderr, /^(weir: serving [^\n]*\n)?$/);
  }
});

test("a signal as soon as the first answer is there lets the answers in progress end", async (t) => {
  const port = await findFreePort();
  const args = ["--port", String(port), "--state", "memory", "--rate", "off"];
  const flags = [...args, "--delay", "300ms", "--workers", "1"];
  const { child, ended } = spawnWeir(t, ["serve", newSite(t), ...flags]);
  while (!(await isListening(port)));
  const answer = requestOnce(port, "/a.txt");
  // A refusal does not wait for the delay. The thread has read the request that came before it.
  const refused = await rawExchange({ port, send: "no request\r\n\r\n" });
  assert.equal(refused.responses[0]?.status, 400);
  child.kill("SIGTERM");
  assert.equal((await answer).body.toString(), "a");
  assert.deepEqual(await ended, [0, null]);
});

/** Whether the process has a handler of its own for the signal, as Linux tells. */
function isCaught(pid: number | undefined, signal: NodeJS.Signals): boolean {
  const mask = /^SigCgt:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

const LINUX_ONLY = { skip: !HAS_PROC && "needs /proc of Linux" };

test("SIGHUP, SIGUSR1 and SIGUSR2 during the start do not end it", LINUX_ONLY, async (t) => {
  const { child, output, ended } = spawnWeir(t, ["serve", newSite(t), "-p0", "--state", "memory"]);
  // Before our first line the system and Node.js decide, which no program can change.
  await waitUntil("SIGHUP is taken", () => isCaught(child.pid, "SIGHUP"));
  for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) child.kill(signal);
  await waitUntil("it is ready", () => READY_LINE.test(output.stderr));
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.match(output.stderr, /^weir: serving [^\n]*\n$/);
});

test(
  "SIGHUP, SIGUSR1 and SIGUSR2 end no other command either [load, no terminal]",
  LINUX_ONLY,
  async (t) => {
    const weir = await startWeir(t, {
      dir: newSite(t),
      args: ["--rate", "off", "--delay", "50ms"],
    });
    const url = `${weir.url}/a.txt`;
    const { child, output, ended } = spawnWeir(t, ["load", url, "-n", "40", "-c", "1"]);
    await waitUntil("SIGHUP is taken", () => isCaught(child.pid, "SIGHUP"));
    for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(output.stderr, "");
  },
);
