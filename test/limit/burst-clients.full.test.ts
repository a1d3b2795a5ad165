// Clients that ask for much at once, as people use them: with the default limit they are refused, and
// with the flags that the README names for them they get all of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir } from "../fixtures/weir-process.ts";

const RECIPES = [
  ["--rate", "1000/m"],
  ["--exempt", "local"],
] as const;
const LARGE = randomBytes(20_000_000);

function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; text: string }> {
  const own = { HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
  const options = { cwd, env: cleanEnvironment(process.env, own), timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), text: stdout + stderr });
    });
  });
}

/** Serves `dir` with the default limit and with each recipe, and hands the results on. */
async function withEach(
  t: TestContext,
  dir: string,
  use: (url: string, folder: string) => Promise<boolean>,
): Promise<{ byDefault: boolean; withRecipes: boolean[]; stderr: string }> {
  const plain = await startWeir(t, { dir });
  const byDefault = await use(plain.url, makeTempFolder(t));
  const withRecipes: boolean[] = [];
  for (const args of RECIPES) {
    const { url } = await startWeir(t, { dir, args });
    withRecipes.push(await use(url, makeTempFolder(t)));
  }
  await plain.stop();
  return { byDefault, withRecipes, stderr: plain.stderr() };
}

test("git clones a bare repository of many loose objects", async (t) => {
  const git = requireProgram(t, "git", "git");
  if (git === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "work/a.txt": "a" });
  const work = join(dir, "work");
  const identity = ["-c", "user.name=a", "-c", "user.email=a@weir.test", "-c", "gc.auto=0"];
  await run(git, ["init", "-q", "-b", "main"], work);
  for (let commit = 0; commit < 8; commit++) {
    writeTree(work, { [`file-${commit}.txt`]: `${commit}` });
    await run(git, ["add", "."], work);
    const { code, text } = await run(git, [...identity, "commit", "-qm", `${commit}`], work);
    assert.equal(code, 0, text);
  }
  await run(
    git,
    ["clone", "-q", "--bare", "--no-local", "--no-hardlinks", work, "site/r.git"],
    dir,
  );
  await run(git, ["-C", "site/r.git", "unpack-objects"], dir);
  await run(git, ["-C", "site/r.git", "update-server-info"], dir);
  // A pack is one request; loose objects are one each.
  const objects = readdirSync(join(work, ".git/objects")).filter((name) => name.length === 2);
  assert.ok(objects.length > 8);
  const { code, text } = await run(git, ["clone", "-q", "--bare", work, "loose/r.git"], dir);
  assert.equal(code, 0, text);
  await run("cp", ["-r", join(work, ".git/objects"), join(dir, "loose/r.git/")], dir);
  await run("sh", ["-c", "rm -f loose/r.git/objects/pack/*"], dir);
  await run(git, ["-C", "loose/r.git", "update-server-info"], dir);
  const result = await withEach(t, join(dir, "loose"), async (url, folder) => {
    const cloned = await run(git, ["clone", "-q", `${url}/r.git`, "copy"], folder);
    return cloned.code === 0 && readFileSync(join(folder, "copy/file-7.txt"), "utf8") === "7";
  });
  assert.deepEqual([result.byDefault, result.withRecipes], [false, [true, true]]);
  assert.match(result.stderr, /127\.0\.0\.1 has reached the limit of 5\/s .*--exempt local/);
});

test("rclone copies a folder of 60 files", async (t) => {
  const rclone = requireProgram(t, "rclone", "rclone");
  if (rclone === undefined) return;
  const dir = makeTempFolder(t);
  for (let file = 0; file < 60; file++) writeTree(dir, { [`f${file}.txt`]: `${file}` });
  const result = await withEach(t, dir, async (url, folder) => {
    const once = ["--retries", "1", "--low-level-retries", "1"];
    const copied = await run(rclone, ["copy", ":http:", "out", "--http-url", url, ...once], folder);
    return copied.code === 0 && readdirSync(join(folder, "out")).length === 60;
  });
  assert.deepEqual([result.byDefault, result.withRecipes], [false, [true, true]]);
});

test("aria2c gets a file over sixteen connections", async (t) => {
  const aria2c = requireProgram(t, "aria2c", "aria2");
  if (aria2c === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE });
  const result = await withEach(t, dir, async (url, folder) => {
    const parts = [
      "-x16",
      "-s16",
      "-k1M",
      "--max-tries=1",
      "--no-conf",
      "-q",
      "--file-allocation=none",
    ];
    const { code } = await run(aria2c, [...parts, `${url}/large.bin`], folder);
    return code === 0 && readFileSync(join(folder, "large.bin")).equals(LARGE);
  });
  assert.deepEqual([result.byDefault, result.withRecipes], [false, [true, true]]);
});
