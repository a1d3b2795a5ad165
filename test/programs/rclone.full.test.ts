// rclone as a client: it reads listings for names, asks for each file's size and time by HEAD, and
// copies several files at once.

import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { assertSameTree, readTree, writeSampleTree } from "./sample-tree.ts";

test("rclone lists, copies, checks, and copies nothing the second time", async (t) => {
  const rclone = requireProgram(t, "rclone", "rclone");
  if (rclone === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  writeSampleTree(dir);
  utimesSync(join(dir, "a.txt"), 1_600_000_000, 1_600_000_000);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--log", "common"] });
  const run = async (args: readonly string[]): Promise<string> =>
    (await runClient(rclone, [...args, "--http-url", weir.url], folder)).toString();
  const listed = (await run(["lsf", "-R", "--files-only", ":http:"])).trim().split("\n").sort();
  assert.deepEqual(listed, Object.keys(readTree(dir)));
  const facts = await run(["lsl", ":http:", "--include", "/a.txt"]);
  assert.match(facts, /^ +2 2020-09-13 12:26:40\.0+ a\.txt$/m);
  const out = join(folder, "out");
  await run(["copy", ":http:", out]);
  assertSameTree(out, dir);
  await run(["check", ":http:", out, "--download"]);
  await run(["copy", ":http:", out]);
  await weir.stop();
  // Once to copy it and once to compare it.
  const bodies = weir.stdout().match(/"GET \/large\.bin HTTP/g) ?? [];
  assert.equal(bodies.length, 2);
});
