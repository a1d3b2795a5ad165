// A folder as a zip, read by the programs that people unpack with: who may read, write and run a file
// is the same there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir } from "../../fixtures/weir-process.ts";

/** Modes of files before and after: permissions stay, bits that give another's rights do not. */
const MODES: readonly (readonly [name: string, before: number, after: number])[] = [
  ["run.sh", 0o755, 0o755],
  ["mine.sh", 0o700, 0o700],
  ["a.txt", 0o644, 0o644],
  ["key.txt", 0o600, 0o600],
  ["read-only.txt", 0o444, 0o444],
  ["sub/tool", 0o775, 0o775],
  ["sub/setuid", 0o6755, 0o755],
  ["sub/others.sh", 0o055, 0o455],
];

test("a program stays executable, folders are 0755, and setuid is left out, for unzip, bsdtar and Python", async (t) => {
  const dir = makeTempFolder(t);
  for (const [name, mode] of MODES) {
    writeTree(dir, { [name]: "#!/bin/sh\necho ran\n" });
    chmodSync(join(dir, name), mode);
  }
  symlinkSync("run.sh", join(dir, "link.sh"));
  chmodSync(join(dir, "sub"), 0o2777);
  // Only root may read what is for others alone.
  const modes = MODES.filter(([, mode]) => process.getuid?.() === 0 || (mode & 0o400) !== 0);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "1", "--zip"] });
  const path = join(makeTempFolder(t), "a.zip");
  const response = await fetch(`${weir.url}/?download=zip`);
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  const unzip = requireProgram(t, "unzip", "unzip");
  const bsdtar = requireProgram(t, "bsdtar", "libarchive-tools");
  const python = requireProgram(t, "python3", "python3");
  if (unzip === undefined || bsdtar === undefined || python === undefined) return;
  const byUnzip = makeTempFolder(t);
  execFileSync(unzip, ["-q", path, "-d", byUnzip]);
  const byBsdtar = makeTempFolder(t);
  execFileSync(bsdtar, ["-xpf", path, "-C", byBsdtar]);
  for (const folder of [byUnzip, byBsdtar]) {
    const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o7777;
    for (const [name, , after] of modes) assert.equal(modeOf(name), after, `${folder}: ${name}`);
    assert.equal(modeOf("link.sh"), 0o755);
    assert.equal(modeOf("sub"), 0o755);
    assert.equal(execFileSync(join(folder, "run.sh"), { encoding: "utf8" }), "ran\n");
  }
  const script =
    "import json, sys, zipfile\n" +
    "print(json.dumps({i.filename: [i.create_system, i.external_attr >> 16] for i in zipfile.ZipFile(sys.argv[1]).infolist()}))";
  const read = JSON.parse(execFileSync(python, ["-c", script, path], { encoding: "utf8" }));
  const UNIX = 3;
  assert.deepEqual(read["run.sh"], [UNIX, 0o100755]);
  assert.deepEqual(read["sub/"], [UNIX, 0o040755]);
});
