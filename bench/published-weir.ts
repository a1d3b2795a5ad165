// weir as it is published: a user runs that, and not the sources, whose types are taken out anew in
// every thread.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
let builtDir: string | undefined;

/** The program's path. Built at the first call; gone when this process ends. */
export function publishedWeir(): string {
  builtDir ??= build();
  return join(builtDir, "bin/weir.js");
}

function build(): string {
  const dir = mkdtempSync(join(tmpdir(), "weir-published-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  const script = [join(ROOT, "build.ts"), "--out", join(dir, "dist/weir")];
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...script]);
  for (const name of ["bin", "package.json"]) {
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  return dir;
}
