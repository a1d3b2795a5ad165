// The programs that read deploy/systemd find nothing wrong in it: systemd the units, whose sandbox keeps
// its grade, and logrotate its file.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

const run = promisify(execFile);
const UNITS = fileURLToPath(new URL("../../deploy/systemd", import.meta.url));
/** Of 10, in tenths: from 2 on systemd no longer calls it safe. */
const EXPOSURE_TENTHS_MAX = 20;

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

test("logrotate reads weir.logrotate, and reloads weir with systemctl", async (t) => {
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
});
