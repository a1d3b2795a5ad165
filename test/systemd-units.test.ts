// Holds deploy/systemd to what systemd and weir really understand: systemd's own tools read the units,
// the sandbox keeps its grade, and every flag is one of weir's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runWeir } from "./fixtures/run-weir.ts";
import { requireProgram } from "./fixtures/system-program.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";

const run = promisify(execFile);
const UNITS = fileURLToPath(new URL("../deploy/systemd", import.meta.url));
/** Of 10, in tenths: from 2 on systemd no longer calls it safe. */
const EXPOSURE_TENTHS_MAX = 20;

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

/** The units as they lie in /etc, with a program that is there: systemd looks whether it is. */
function installUnits(t: TestContext): string {
  const folder = makeTempFolder(t);
  cpSync(UNITS, folder, { recursive: true });
  for (const file of ["weir.service", "weir.service.d/log-file.conf"]) {
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), text.replace("/usr/local/bin/weir", process.execPath));
  }
  return folder;
}

test("systemd-analyze verify finds nothing in the units and the drop-in", async (t) => {
  const program = requireProgram(t, "systemd-analyze", "systemd");
  if (program === undefined) return;
  const folder = installUnits(t);
  const units = ["weir.service", "weir.socket"].map((name) => join(folder, name));
  const { stdout, stderr } = await run(program, ["verify", "--man=no", ...units]);
  assert.equal(stdout + stderr, "");
  // That it would find something: the file as it is shipped names a program that is not here.
  const broken = join(makeTempFolder(t), "weir.service");
  writeFileSync(broken, "[Service]\nExecStart=/no-such-program\n");
  await assert.rejects(run(program, ["verify", "--man=no", broken]), /not executable/);
});

test("systemd-analyze security rates the sandbox of weir.service under 2.0", async (t) => {
  const program = requireProgram(t, "systemd-analyze", "systemd");
  if (program === undefined) return;
  const unit = join(installUnits(t), "weir.service");
  const args = ["security", "--offline=true", "--no-pager", `--threshold=${EXPOSURE_TENTHS_MAX}`];
  const { stdout } = await run(program, [...args, unit]);
  assert.match(stdout, /Overall exposure level for weir\.service: [01]\.\d/);
});

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

test("logrotate reads weir.logrotate, and reloads weir with what the drop-in defines", async (t) => {
  const program = requireProgram(t, "logrotate", "logrotate");
  if (program === undefined) return;
  const folder = makeTempFolder(t);
  const text = readFileSync(join(UNITS, "weir.logrotate"), "utf8");
  mkdirSync(join(folder, "log"), { mode: 0o755 });
  writeFileSync(join(folder, "log/access.log"), "a line\n");
  const config = join(folder, "weir.logrotate");
  writeFileSync(config, text.replace("/var/log/weir/", `${folder}/log/`), { mode: 0o644 });
  const args = ["--debug", "--force", "--state", join(folder, "state"), config];
  const { stderr } = await run(program, args);
  assert.doesNotMatch(stderr, /error/i);
  assert.match(stderr, /log\/access\.log/);
  assert.match(stderr, /systemctl reload weir\.service/);
  assert.match(setting("weir.service.d/log-file.conf", "ExecReload"), /-HUP \$MAINPID$/);
  // Without a log file SIGHUP ends weir.
  assert.deepEqual(settings("weir.service", "ExecReload"), []);
});
