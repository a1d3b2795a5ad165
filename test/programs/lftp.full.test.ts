// lftp as a client: it mirrors by the listings, and fetches one file in several pieces at once.

import assert from "node:assert/strict";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { assertSameTree, makeLarge, writeSampleTree } from "./sample-tree.ts";

test("lftp mirrors a tree, brings it up to date, and gets a file in four pieces and continued", async (t) => {
  const lftp = requireProgram(t, "lftp", "lftp");
  if (lftp === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  writeSampleTree(dir);
  const weir = await startWeir(t, { dir, args: ["--rate", "off"] });
  const run = (commands: string) =>
    runClient(lftp, ["-c", `set cmd:fail-exit yes; open ${weir.url}/; ${commands}`], folder);
  await run("mirror --parallel=3 . mirror");
  const mirror = join(folder, "mirror");
  assertSameTree(mirror, dir);
  writeFileSync(join(dir, "a.txt"), "changed and longer\n");
  rmSync(join(dir, "empty"));
  await run("mirror --delete . mirror");
  assertSameTree(mirror, dir);

  await run("pget -n 4 large.bin -o pieces.bin");
  assert.ok(readFileSync(join(folder, "pieces.bin")).equals(makeLarge()));
  truncateSync(join(folder, "pieces.bin"), 1_000_000);
  await run("get -c large.bin -o pieces.bin");
  assert.ok(readFileSync(join(folder, "pieces.bin")).equals(makeLarge()));
});
