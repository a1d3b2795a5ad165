// The published form of weir, packed by npm: every command that starts threads. A thread's file is a
// bundle there, and is found otherwise than in a checkout.

import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { ask, outcome } from "./fixtures/ask-weir.ts";
import { mountFuse } from "./fixtures/fuse-mount.ts";
import { installPacked, type PackedWeir } from "./fixtures/packed-weir.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { findProgram } from "./fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir } from "./fixtures/weir-process.ts";

/** npm comes with Node.js; only its own folder may lie elsewhere. */
function install(t: TestContext): PackedWeir {
  const npm = findProgram("npm", `${dirname(process.execPath)}:${process.env.PATH}`);
  assert.ok(npm !== undefined, "npm");
  return installPacked(t, npm);
}

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

test("the published form serves, sends load from one thread and from two, and runs the counter race", async (t) => {
  const { bin } = install(t);
  const args = ["--rate", "off", "--workers", "2", "--admin", "127.0.0.1:0"];
  const weir = await startWeir(t, { dir: newFolder(t), bin, args });
  assert.equal(await outcome(weir, "/a.txt"), "200 content of a");
  for (const threads of ["1", "2"]) {
    const load = ["load", `${weir.url}/a.txt`, "--requests", "40", "--connections", "4"];
    const run = await runWeir(t, [...load, "--threads", threads, "--json", "-"], { bin });
    assert.equal(run.code, 0, run.stderr);
    const { admitted, plan } = JSON.parse(run.stdout);
    assert.deepEqual([admitted, plan.threads], [40, Number(threads)]);
  }
  const { body } = await ask(weir, "/?format=json");
  assert.equal(JSON.parse(body.toString()).entries[0].hits, 81);
  const lab = await runWeir(t, ["lab", "counter", "--json", "-"], { bin });
  assert.equal(lab.code, 0, lab.stderr);
});

test("the published form serves what lies in a slow mount, by a thread of its own", async (t) => {
  const mount = await mountFuse(t, { "a.txt": "slow" });
  if (mount === undefined) return;
  const { bin } = install(t);
  const dir = newFolder(t);
  symlinkSync(mount.folder, join(dir, "disk"));
  const args = ["--rate", "off", "--workers", "1", "--symlinks", "follow"];
  const weir = await startWeir(t, { dir, bin, args });
  assert.equal(await outcome(weir, "/disk/a.txt"), "200 slow");
});
