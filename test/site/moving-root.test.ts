// A served folder that is a link, switched from one release to the next as deployment tools do it, or
// that is replaced in another way while the server runs.

import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NO_LIMIT, outcome } from "../fixtures/ask-weir.ts";
import { requestListing } from "../fixtures/one-request.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

/** What a release holds: each file says whose it is. */
function makeRelease(folder: string, name: string): void {
  writeTree(join(folder, name), {
    "a.txt": name,
    "docs/": { "b.txt": name },
    [`only-${name}.txt`]: name,
  });
}

function switchTo(folder: string, name: string): void {
  symlinkSync(name, join(folder, "next"));
  renameSync(join(folder, "next"), join(folder, "current"));
}

async function untilServed(weir: WeirProcess, target: string, expected: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const seen = await outcome(weir, target);
    if (seen === expected) return;
    // Never an error in between: the old release, or the new one.
    assert.match(seen, /^200 r\d$/);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(await outcome(weir, target), expected);
}

test("a switched link is followed, and no request meets an error or the release that is gone", async (t) => {
  const folder = makeTempFolder(t);
  for (const name of ["r1", "r2", "r3"]) makeRelease(folder, name);
  symlinkSync("r1", join(folder, "current"));
  const weir = await startWeir(t, { dir: join(folder, "current"), args: NO_LIMIT });
  assert.equal(await outcome(weir, "/a.txt"), "200 r1");
  assert.equal(await outcome(weir, "/docs/b.txt"), "200 r1");

  switchTo(folder, "r2");
  rmSync(join(folder, "r1"), { recursive: true });
  await untilServed(weir, "/a.txt", "200 r2");
  assert.equal(await outcome(weir, "/docs/b.txt"), "200 r2");
  assert.equal((await outcome(weir, "/only-r1.txt")).slice(0, 3), "404");
  assert.equal(await outcome(weir, "/only-r2.txt"), "200 r2");
  const { entries } = await requestListing(weir.port, "/");
  assert.ok(entries.some(({ name }) => name === "only-r2.txt"));

  // A file that only the new release has is found at once.
  switchTo(folder, "r3");
  assert.equal(await outcome(weir, "/only-r3.txt"), "200 r3");
  assert.match(weir.stderr(), /serving .*\/current on/);
});

test("a link in the middle of the path is followed, too", async (t) => {
  const folder = makeTempFolder(t);
  for (const name of ["r1", "r2"]) makeRelease(folder, name);
  symlinkSync("r1", join(folder, "current"));
  const weir = await startWeir(t, { dir: join(folder, "current", "docs"), args: NO_LIMIT });
  assert.equal(await outcome(weir, "/b.txt"), "200 r1");
  switchTo(folder, "r2");
  await untilServed(weir, "/b.txt", "200 r2");
});

test("a folder that is replaced by a link, and one that is moved away and made again, are followed", async (t) => {
  const folder = makeTempFolder(t);
  for (const name of ["site", "r1", "r2"]) makeRelease(folder, name);
  const weir = await startWeir(t, { dir: join(folder, "site"), args: NO_LIMIT });
  assert.equal(await outcome(weir, "/a.txt"), "200 site");
  renameSync(join(folder, "site"), join(folder, "old"));
  renameSync(join(folder, "r1"), join(folder, "site"));
  assert.equal(await outcome(weir, "/only-r1.txt"), "200 r1");
  renameSync(join(folder, "site"), join(folder, "older"));
  symlinkSync("r2", join(folder, "site"));
  assert.equal(await outcome(weir, "/only-r2.txt"), "200 r2");
});

test("links out of the release stay closed after a switch, and a link that leads nowhere is 404 until it leads somewhere", async (t) => {
  const folder = makeTempFolder(t);
  for (const name of ["r1", "r2"]) makeRelease(folder, name);
  symlinkSync("../r1/a.txt", join(folder, "r2", "old.txt"));
  symlinkSync("r1", join(folder, "current"));
  const weir = await startWeir(t, { dir: join(folder, "current"), args: NO_LIMIT });
  switchTo(folder, "r2");
  await untilServed(weir, "/a.txt", "200 r2");
  assert.equal((await outcome(weir, "/old.txt")).slice(0, 3), "404");
  switchTo(folder, "absent");
  assert.equal((await outcome(weir, "/nothing.txt")).slice(0, 3), "404");
  mkdirSync(join(folder, "absent"));
  writeTree(join(folder, "absent"), { "late.txt": "late" });
  assert.equal(await outcome(weir, "/late.txt"), "200 late");
});
