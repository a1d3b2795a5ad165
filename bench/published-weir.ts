// weir as it is published: a user runs that, and not the sources, whose types are taken out anew in
// every thread.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationError } from "../src/base/operation-error.ts";

const ROOT = join(import.meta.dirname, "..");
const builtDirs = new Map<string, string>();

/**
 * The program's path. Built at the first call; gone when this process ends.
 * @param revision of this repository, as Git names it; undefined: the work tree as it is
 * @throws OperationError when Git does not know the revision
 */
export function publishedWeir(revision?: string): string {
  const key = revision ?? "";
  let dir = builtDirs.get(key);
  if (dir === undefined) {
    dir = build(revision === undefined ? ROOT : extractRevision(revision));
    builtDirs.set(key, dir);
  }
  return join(dir, "bin/weir.js");
}

function build(root: string): string {
  const dir = makeFolder("weir-published-");
  const script = [join(root, "build.ts"), "--out", join(dir, "dist/weir")];
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...script]);
  for (const name of ["bin", "package.json"]) {
    cpSync(join(root, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  return dir;
}

/** The files of a revision, in a folder of their own, with the dependencies that are installed here. */
function extractRevision(revision: string): string {
  const dir = makeFolder("weir-revision-");
  const archive = join(dir, "files.tar");
  try {
    execFileSync("git", ["-C", ROOT, "archive", "--output", archive, revision], { stdio: "pipe" });
  } catch (error) {
    const reason = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    throw new OperationError(`cannot build ${JSON.stringify(revision)}: ${reason}`);
  }
  execFileSync("tar", ["-xf", archive, "-C", dir]);
  rmSync(archive);
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  return dir;
}

function makeFolder(prefix: string): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
