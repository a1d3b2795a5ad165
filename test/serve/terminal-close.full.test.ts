// A terminal that is closed or stopped while weir runs in it. It is a real one, made by `script`: to end
// that program is to close the window.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { requestOnce } from "../fixtures/one-request.ts";
import { isRunning, waitUntil } from "../fixtures/process-facts.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startOnTerminal } from "../fixtures/terminal-program.ts";

const PLAIN = { NO_COLOR: "1" };
const LOCAL = /^ {2}Local +http:\/\/localhost:(?<port>\d+)$/m;
const READY = /^weir: serving .* on http:\/\/localhost:(?<port>\d+) /;
const [CTRL_S, CTRL_Q] = ["\x13", "\x11"];

function askOften(port: number, count: number): Promise<unknown> {
  return (async () => {
    for (let left = count; left > 0; left--) {
      assert.equal((await requestOnce(port, "/a.txt")).status, 200);
    }
  })();
}

test("a closed terminal ends what runs in it, after the answers in progress", async (t) => {
  const logFile = join(makeTempFolder(t), "a.log");
  for (const args of [[], ["--log-file", logFile]]) {
    const all = ["--delay", "1s", "--rate", "off", ...args];
    const weir = startOnTerminal(t, { args: all, env: PLAIN });
    if (weir === undefined) return;
    const port = Number((await weir.waitFor(LOCAL)).port);
    const pid = weir.findWeir();
    const answer = requestOnce(port, "/a.txt");
    await sleep(200);
    weir.closeTerminal();
    assert.equal((await answer).body.toString(), "a");
    await waitUntil(`weir has ended [${args}]`, () => !isRunning(pid));
  }
  assert.match(readFileSync(logFile, "utf8"), /GET \/a\.txt/);
});

test("with a log file SIGHUP ends nothing while the terminal is there", async (t) => {
  const args = ["--rate", "off", "--log-file", join(makeTempFolder(t), "a.log")];
  const weir = startOnTerminal(t, { args, env: PLAIN });
  if (weir === undefined) return;
  const port = Number((await weir.waitFor(LOCAL)).port);
  const pid = weir.findWeir();
  for (let left = 3; left > 0; left--) {
    process.kill(pid, "SIGHUP");
    await askOften(port, 1);
  }
  weir.closeTerminal();
  await waitUntil("weir has ended", () => !isRunning(pid));
});

/** What a person types so that weir goes on without the terminal; `E` is where standard error goes. */
const DETACHED: readonly (readonly [how: string, said: RegExp])[] = [
  // Standard output is the terminal that is closed: the log is lost there, and told elsewhere.
  ["setsid WEIR 2>E & sleep 1000", /^weir: cannot write the log to standard output: EIO[^\n]*\n$/m],
  ["nohup WEIR >out 2>E & sleep 1000", /^weir: serving [^\n]*\n$/m],
  ["nohup WEIR </dev/null >out 2>E & sleep 1000", /^weir: serving [^\n]*\n$/m],
  ["(trap '' HUP; exec WEIR 2>E >&2 </dev/null) & sleep 1000", /"GET \/a\.txt HTTP\/1\.1" 200/],
];

for (const [how, said] of DETACHED) {
  test(`a server that was detached outlives its terminal [${how}]`, async (t) => {
    const folder = makeTempFolder(t);
    const errorFile = join(folder, "err");
    const weir = startOnTerminal(t, {
      args: ["--rate", "off"],
      env: PLAIN,
      formatScript: (words) => how.replace("WEIR", words).replace(">E", `>'${errorFile}'`),
    });
    if (weir === undefined) return;
    const errors = () => readFileSync(errorFile, { encoding: "utf8", flag: "a+" });
    await waitUntil("it serves", () => READY.test(errors().replace(/^nohup: .*\n/, "")));
    const port = Number(/:(\d+) \(/.exec(errors())?.[1]);
    const pid = weir.findWeir();
    weir.closeTerminal();
    // As shells do with all their jobs when their terminal is closed.
    if (!how.startsWith("setsid")) process.kill(pid, "SIGHUP");
    await askOften(port, 3);
    await waitUntil(`standard error has ${said}`, () => said.test(errors()));
    await askOften(port, 3);
    process.kill(pid, "SIGTERM");
    await waitUntil("weir has ended", () => !isRunning(pid));
    assert.doesNotMatch(errors(), /internal error/);
  });
}

test("a terminal that is stopped holds up no answer, and gets every line when it goes on [Ctrl-S]", async (t) => {
  const weir = startOnTerminal(t, { args: ["--rate", "off"], env: PLAIN });
  if (weir === undefined) return;
  const port = Number((await weir.waitFor(LOCAL)).port);
  weir.findWeir();
  await sleep(100);
  weir.type(CTRL_S);
  await sleep(100);
  const before = weir.stdout().length;
  // More than a terminal takes before it makes a writer wait.
  await askOften(port, 300);
  assert.ok(weir.stdout().length < before + 200, "the terminal was not stopped");
  weir.type(CTRL_Q);
  await waitUntil("all lines", () => weir.stdout().split("GET /a.txt").length === 301);
  weir.type(CTRL_S);
  await askOften(port, 20);
  weir.type("\x03");
  assert.equal(await weir.ended, 0);
});
