// Holds deploy/systemd to what weir really understands: every flag is one of weir's, and the settings fit
// to each other. systemd's own tools read the same files in systemd-tools.full.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runWeir } from "../fixtures/run-weir.ts";

const UNITS = fileURLToPath(new URL("../../deploy/systemd", import.meta.url));

/** The values of a setting, in order. */
function settings(file: string, name: string): string[] {
  const lines = readFileSync(join(UNITS, file), "utf8").split("\n");
  return lines
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));
}

function setting(file: string, name: string): string {
  const [value] = settings(file, name);
  assert.ok(value !== undefined, `${file} has ${name}`);
  return value;
}

test("weir.service leaves Node.js what it needs: memory for compiled code, IPv4 and IPv6", () => {
  assert.deepEqual(settings("weir.service", "MemoryDenyWriteExecute"), []);
  assert.equal(setting("weir.service", "RestrictAddressFamilies"), "AF_INET AF_INET6");
  // No message that systemd would wait for in vain.
  assert.equal(setting("weir.service", "Type"), "exec");
});

test("weir.service and the drop-in start weir with flags that weir serve --help lists", async (t) => {
  const { stdout: help } = await runWeir(t, ["serve", "--help"]);
  const command = setting("weir.service", "ExecStart");
  // A drop-in replaces the command by an empty one and a new one: it must not lag behind.
  const [empty, withLog = ""] = settings("weir.service.d/log-file.conf", "ExecStart");
  assert.equal(empty, "");
  assert.equal(withLog.replace(" --log-file %L/weir/access.log", ""), command);
  for (const flag of withLog.match(/--[\w-]+/g) ?? []) {
    assert.match(help, new RegExp(`^ .*${flag}\\b`, "m"), flag);
  }
  assert.deepEqual(command.split(" ").slice(1, 3), ["serve", "/srv/www"]);
  for (const line of settings("weir.service", "Environment")) {
    const [name = ""] = line.split("=");
    const isKnown = help.includes(`env: ${name}]`) || /^(WEIR_OPTIONS|NODE_\w+)$/.test(name);
    assert.ok(isKnown, line);
  }
});

test("weir.service waits longer for a stop than --drain, and does not repeat wrong usage", () => {
  const drain = /--drain (\d+)s/.exec(setting("weir.service", "ExecStart"))?.[1];
  const timeout = /^(\d+)s$/.exec(setting("weir.service", "TimeoutStopSec"))?.[1];
  assert.ok(Number(timeout) > Number(drain), `${timeout} s, and --drain ${drain} s`);
  assert.equal(setting("weir.service", "KillSignal"), "SIGTERM");
  assert.equal(setting("weir.service", "RestartPreventExitStatus"), "2");
});

test("weir.socket opens one address, and leaves accepting to weir", () => {
  assert.deepEqual(settings("weir.socket", "ListenStream"), ["8001"]);
  assert.equal(setting("weir.socket", "Accept"), "no");
  assert.deepEqual(settings("weir.socket", "FileDescriptorName"), []);
});

test("weir is reloaded by SIGHUP only with the drop-in, for without a log file SIGHUP ends it", () => {
  const [reload = ""] = settings("weir.service.d/log-file.conf", "ExecReload");
  assert.match(reload, /-HUP \$MAINPID$/);
  assert.deepEqual(settings("weir.service", "ExecReload"), []);
});
