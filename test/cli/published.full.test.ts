// The published form of weir, packed by npm and installed in an empty folder: every command of it does its
// work, whatever Node.js the PATH has. The file of a thread is a bundle there, and is found otherwise than in
// a checkout.

import assert from "node:assert/strict";
import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { commandLoaders } from "../../src/cli/command-list.ts";
import { ask, outcome } from "../fixtures/ask-weir.ts";
import { mountFuse } from "../fixtures/fuse-mount.ts";
import { installPacked } from "../fixtures/packed-weir.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { findProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir } from "../fixtures/weir-process.ts";
import { readRepositoryFile } from "../rules/source-files.ts";

const SYSTEM_PATH = process.env.PATH ?? "";
const OWN_PATH = `${dirname(process.execPath)}${delimiter}${SYSTEM_PATH}`;
const { version, engines } = JSON.parse(readRepositoryFile("package.json")) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

// npm comes with Node.js; only its own folder may lie elsewhere.
const NPM = findProgram("npm", OWN_PATH);
assert.ok(NPM !== undefined, "npm");
const ENDING: { after(end: () => void): void } = { after };
/** Packed once, for all tests of this file. */
const PUBLISHED = installPacked(ENDING, NPM);

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

/** A Node.js of this machine that weir is not made for. */
function findOldNode(): string | undefined {
  const neededMajor = Number.parseInt(engines.node.replace(/\D*/, ""), 10);
  return SYSTEM_PATH.split(delimiter)
    .map((folder) => findProgram("node", folder))
    .filter((path) => path !== undefined)
    .find((path) => {
      const answer = execFileSync(path, ["--version"], { encoding: "utf8" });
      return Number.parseInt(answer.slice(1), 10) < neededMajor;
    });
}

/** A PATH whose first `node` is an old one; where the machine has none, a program that only fails. */
function pathWithOldNode(t: TestContext): string {
  const folder = makeTempFolder(t);
  const oldNode = findOldNode();
  const node = join(folder, "node");
  if (oldNode !== undefined) symlinkSync(oldNode, node);
  else writeFileSync(node, "#!/bin/sh\necho 'an old node was started' >&2\nexit 9\n");
  if (oldNode === undefined) chmodSync(node, 0o755);
  return `${folder}${delimiter}${SYSTEM_PATH}`;
}

const PATHS: readonly [string, (t: TestContext) => string][] = [
  ["its own Node.js first on the PATH", () => OWN_PATH],
  ["an old Node.js first on the PATH", pathWithOldNode],
];

for (const [sentence, pathOf] of PATHS) {
  test(`every command of the published form does its work, ${sentence}`, async (t) => {
    const { bin } = PUBLISHED;
    const cwd = makeTempFolder(t);
    const env = { PATH: pathOf(t) };
    const stateDir = join(cwd, "state");
    const dir = newFolder(t);
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runWeir(t, args, { bin, cwd, env });
      assert.equal(code, 0, `weir ${args.join(" ")}: ${stderr}`);
      return stdout;
    };

    const serving = ["--rate", "off", "--workers", "2", "--state", stateDir];
    const weir = await startWeir(t, {
      dir,
      bin,
      env,
      args: [...serving, "--admin", "127.0.0.1:0"],
    });
    assert.equal(await outcome(weir, "/a.txt"), "200 content of a");
    assert.equal(await run("get", `${weir.url}/a.txt`), "content of a");

    const load = ["load", `${weir.url}/a.txt`, "--requests", "40", "--connections", "4"];
    for (const threads of ["1", "2"]) {
      const saved = await run(...load, "--threads", threads, "--json", "-");
      const { admitted, plan } = JSON.parse(saved);
      assert.deepEqual([admitted, plan.threads], [40, Number(threads)]);
    }
    const { body } = await ask(weir, "/?format=json");
    assert.equal(JSON.parse(body.toString()).entries[0].hits, 82);

    for (const file of ["a.json", "b.json"]) await run(...load, "--rounds", "2", "--json", file);
    assert.match(await run("compare", "a.json", "b.json"), /\brequests\b/);

    await weir.stop();
    const exported = await run("hits", "export", dir, "--state", stateDir, "--format", "csv");
    assert.equal(exported, "path,hits\r\n/,1\r\n/a.txt,242\r\n");
    writeFileSync(join(cwd, "hits.csv"), exported);
    await run("hits", "import", "hits.csv", "--state", join(cwd, "other"), "--dir", dir);

    assert.ok(JSON.parse(await run("lab", "counter", "--json", "-")));
    assert.equal(await run("--version"), `weir ${version}\n`);
    assert.match(await run("--help"), /^weir /);
  });
}

test("the installed weir starts by its own name and knows every command [node_modules/.bin/weir]", () => {
  const weir = join(PUBLISHED.folder, "node_modules/.bin/weir");
  const env = cleanEnvironment({ ...process.env, PATH: OWN_PATH }, {});
  const printed = execFileSync(weir, ["--version"], { env, encoding: "utf8" });
  assert.equal(printed, `weir ${version}\n`);
  for (const name of commandLoaders.keys()) {
    const page = execFileSync(weir, [name, "--help"], { env, encoding: "utf8" });
    assert.match(page, new RegExp(`^weir ${name}\\b`));
  }
});

test("with an old Node.js the installed weir says in two lines which one it needs", (t) => {
  const oldNode = findOldNode();
  if (oldNode === undefined) {
    t.skip("needs a Node.js that is too old");
    return;
  }
  const { bin } = PUBLISHED;
  for (const args of [["--version"], ["serve"], ["load", "http://127.0.0.1:1/"]]) {
    const old: SpawnSyncReturns<string> = spawnSync(oldNode, [bin, ...args], { encoding: "utf8" });
    assert.deepEqual([old.status, old.stdout, old.stderr.split("\n").length], [2, "", 3]);
    assert.match(old.stderr, /^weir: needs Node\.js [\d.]+ or newer, and this is \d/);
  }
});

test("the published form serves what lies in a slow mount, by a thread of its own", async (t) => {
  const mount = await mountFuse(t, { "a.txt": "slow" });
  if (mount === undefined) return;
  const dir = newFolder(t);
  symlinkSync(mount.folder, join(dir, "disk"));
  const args = ["--rate", "off", "--workers", "1", "--symlinks", "follow"];
  const weir = await startWeir(t, { dir, bin: PUBLISHED.bin, args });
  assert.equal(await outcome(weir, "/disk/a.txt"), "200 slow");
});
