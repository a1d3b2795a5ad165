// A folder below the root that keeps its caller waiting, as a network disk does that is far away or
// gone: it costs its own files only, and the health pages report it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { readMetrics, readSnapshot, startAdminWeir } from "../fixtures/admin-weir.ts";
import { ask, field, outcome } from "../fixtures/ask-weir.ts";
import { type FuseMount, mountFuse } from "../fixtures/fuse-mount.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const LARGE = Buffer.alloc(300_000, "large ");
/** Ends a wait for an answer that never comes. */
const WAIT_MS_MAX = 60_000;

interface Site {
  readonly mount: FuseMount;
  readonly weir: WeirProcess;
}

/** A site with a link into a mounted folder, that lies beside it as a network disk may. */
async function startSite(t: TestContext, args: readonly string[] = []): Promise<Site | undefined> {
  const mount = await mountFuse(t, {
    "a.txt": "slow",
    "large.bin": LARGE,
    "page/": { "index.html": "<p>slow page" },
    "names/": { "x.txt": "x", "y.txt": "y" },
  });
  if (mount === undefined) return undefined;
  const dir = makeTempFolder(t);
  writeTree(dir, { "fast.txt": "fast", "sub/": { "b.txt": "b" } });
  symlinkSync(mount.folder, join(dir, "disk"));
  const weir = await startWeir(t, {
    dir,
    args: ["--rate", "off", "--workers", "2", "--symlinks", "follow", ...args],
  });
  return { mount, weir };
}

/** As `outcome`, and patient. */
async function patiently({ port }: WeirProcess, target: string): Promise<string> {
  const { status, body } = await requestOnce(port, target);
  return `${status} ${body.toString().slice(0, 40)}`;
}

/** How long the slowest of some requests for the fast file takes, in ms. */
async function slowestFast({ weir }: Site, count = 20): Promise<number> {
  let slowestMs = 0;
  for (let asked = 0; asked < count; asked++) {
    const startMs = performance.now();
    assert.equal(await outcome(weir, "/fast.txt"), "200 fast");
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
  }
  return slowestMs;
}

test("files, ranges, pages and listings of a mounted folder are served as any other", async (t) => {
  const site = await startSite(t, ["--readme", "--zip"]);
  if (site === undefined) return;
  const { weir } = site;
  assert.equal(await outcome(weir, "/disk/a.txt"), "200 slow");
  const whole = await ask(weir, "/disk/large.bin");
  assert.ok(whole.body.equals(LARGE));
  const tag = field(whole, "etag");
  const part = await ask(weir, "/disk/large.bin", {
    fields: ["Range: bytes=100-199999", `If-Range: ${tag}`],
  });
  assert.deepEqual([part.status, part.body.equals(LARGE.subarray(100, 200_000))], [206, true]);
  const again = await ask(weir, "/disk/large.bin", { fields: [`If-None-Match: ${tag}`] });
  assert.equal(again.status, 304);
  assert.equal((await ask(weir, "/disk/large.bin", { method: "HEAD" })).status, 200);
  assert.equal(await outcome(weir, "/disk/page/"), "200 <p>slow page");
  assert.equal(await outcome(weir, "/disk/page"), "301 /disk/page/");
  assert.equal((await outcome(weir, "/disk/absent")).slice(0, 3), "404");
  const listing = await ask(weir, "/disk/names/", { accept: "application/json" });
  const { entries } = JSON.parse(listing.body.toString()) as { entries: { name: string }[] };
  assert.deepEqual(
    entries.map(({ name }) => name),
    ["x.txt", "y.txt"],
  );
  const zip = await ask(weir, "/disk/names/?download=zip");
  assert.equal(zip.body.subarray(0, 2).toString(), "PK");
});

test("a disk that takes 4 s for each call answers late, and holds up no other file", async (t) => {
  const site = await startSite(t, ["--mount-timeout", "5m"]);
  if (site === undefined) return;
  const quietMs = await slowestFast(site);
  await site.mount.setRules([{ operations: ["open", "read"], waitMs: 4000 }]);
  const slow = Array.from({ length: 4 }, () => patiently(site.weir, "/disk/a.txt"));
  await waitUntil("the disk is asked", () => site.mount.heldOperations().length > 0);
  const busyMs = await slowestFast(site);
  assert.ok(site.mount.heldOperations().length > 0, "the disk was still asked meanwhile");
  // A file that waits for the disk takes 4 s longer; on a machine that is busy with other tests it takes less.
  assert.ok(busyMs < quietMs + 3000, `a fast file took ${busyMs} ms, ${quietMs} ms before`);
  assert.deepEqual(await Promise.all(slow), Array(4).fill("200 slow"));
});

test("a disk that never answers: 503 in the stated time, at once for those behind, and all is well when it is back", async (t) => {
  const site = await startSite(t, ["--mount-timeout", "2s"]);
  if (site === undefined) return;
  const { weir, mount } = site;
  mount.freeze();
  const hung = await Promise.all(
    Array.from({ length: 12 }, () => requestOnce(weir.port, "/disk/a.txt")),
  );
  for (const response of hung) {
    assert.equal(response.status, 503);
    assert.equal(field(response, "retry-after"), "1");
  }
  await slowestFast(site, 50);
  assert.equal((await requestOnce(weir.port, "/disk/names/")).status, 503);
  mount.thaw();
  await waitForAnswer(weir, "/disk/a.txt", "200 slow");
  assert.equal(await outcome(weir, "/disk/page/"), "200 <p>slow page");
});

async function waitForAnswer(weir: WeirProcess, target: string, expected: string): Promise<void> {
  const endMs = performance.now() + WAIT_MS_MAX;
  let seen = await patiently(weir, target);
  while (!seen.startsWith(expected) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen = await patiently(weir, target);
  }
  assert.equal(seen.slice(0, expected.length), expected);
}

test("a folder with a mount in it that hangs is listed, and only what lies in the mount is kept back", async (t) => {
  const mount = await mountFuse(t, { "a.txt": "slow", "folder/": { "b.txt": "b" } });
  if (mount === undefined) return;
  const dir = dirname(mount.folder);
  writeTree(dir, { "fast.txt": "fast" });
  symlinkSync("mount/a.txt", join(dir, "by-link.txt"));
  symlinkSync("mount/folder", join(dir, "folder-by-link"));
  symlinkSync("mount/index.html", join(dir, "index.html"));
  const args = ["--rate", "off", "--workers", "2", "--mount-timeout", "2s"];
  const weir = await startWeir(t, { dir, args });
  const names = async () => {
    const listing = await ask(weir, "/", { accept: "application/json" });
    const { entries } = JSON.parse(listing.body.toString()) as {
      entries: { name: string; type: string }[];
    };
    return entries.map(({ name, type }) => `${name} ${type}`);
  };
  assert.equal(await outcome(weir, "/mount/a.txt"), "200 slow");
  assert.equal(await outcome(weir, "/by-link.txt"), "200 slow");
  assert.equal(await outcome(weir, "/folder-by-link"), "301 /folder-by-link/");
  mount.freeze();
  await waitForAnswer(weir, "/by-link.txt", "503");
  assert.equal((await requestOnce(weir.port, "/mount/")).status, 503);
  // Whether its index.html is there, nobody can tell; without it the folder is listed.
  assert.equal((await requestOnce(weir.port, "/")).status, 503);
  unlinkSync(join(dir, "index.html"));
  assert.deepEqual(await names(), [
    "mount directory",
    "source directory",
    "by-link.txt file",
    "fast.txt file",
    "folder-by-link file",
  ]);
  mount.thaw();
  await waitForAnswer(weir, "/by-link.txt", "200 slow");
});

test("health: the server is not ready while a disk hangs, lives on, and is ready when the disk is back", async (t) => {
  const mount = await mountFuse(t, { "a.txt": "slow" });
  if (mount === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "fast.txt": "fast" });
  symlinkSync(mount.folder, join(dir, "disk"));
  const args = ["--rate", "off", "--workers", "2", "--symlinks", "follow"];
  const weir = await startAdminWeir(t, { dir, args: [...args, "--mount-timeout", "30s"] });
  const health = async (path: string) => (await fetch(weir.adminUrl + path)).status;
  assert.deepEqual([await health("/readyz"), await health("/livez")], [200, 200]);
  mount.freeze();
  const hung = Array.from({ length: 6 }, () => patiently(weir, "/disk/a.txt"));
  await waitForStatus(() => health("/readyz"), 503);
  const notReady = await fetch(`${weir.adminUrl}/readyz`);
  assert.equal(await notReady.text(), `${JSON.stringify(mount.folder)} does not answer\n`);
  assert.equal(await health("/livez"), 200);
  assert.match(weir.stderr(), /does not answer; requests for its files get 503/);
  mount.thaw();
  await Promise.all(hung);
  await waitForStatus(() => health("/readyz"), 200);
});

test("server threads that hang in a disk that passed for fast are seen by the others: not ready, a delay of seconds, and the truth about life", async (t) => {
  const mount = await mountFuse(t, { "a.txt": "slow", "b.txt": "b" });
  if (mount === undefined) return;
  // An overlay passes for a disk of this machine, whatever lies below it. It goes before its folder.
  let merged = "";
  t.after(() => merged === "" || execFileSync("umount", ["--lazy", merged]));
  const dir = makeTempFolder(t);
  const upper = join(dir, "upper");
  merged = join(dir, "merged");
  for (const folder of [upper, merged]) mkdirSync(folder);
  const lower = `lowerdir=${upper}:${mount.folder}`;
  execFileSync("mount", ["--types", "overlay", "overlay", "--options", lower, merged]);
  const weir = await startAdminWeir(t, { dir: merged, args: ["--rate", "off", "--workers", "2"] });
  assert.equal(await outcome(weir, "/a.txt"), "200 slow");
  const health = async (path: string) => (await fetch(weir.adminUrl + path)).status;
  mount.freeze();
  const hung = Array.from({ length: 12 }, () => patiently(weir, "/b.txt").catch(String));
  await waitForStatus(() => health("/readyz"), 503);
  const notReady = await (await fetch(`${weir.adminUrl}/readyz`)).text();
  assert.match(notReady, /^server thread \d does not move\n$/);
  const { threads } = await readSnapshot(weir);
  const delaysMs = threads.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms);
  assert.ok(Math.max(...delaysMs) > 2000, String(delaysMs));
  const hanging = (await readMetrics(weir)).get("weir_threads_hanging");
  assert.equal(await health("/livez"), hanging === 2 ? 503 : 200);
  mount.thaw();
  await Promise.all(hung);
  await waitForStatus(() => health("/readyz"), 200);
  assert.equal(await health("/livez"), 200);
});

async function waitForStatus(ask: () => Promise<number>, expected: number): Promise<void> {
  const endMs = performance.now() + WAIT_MS_MAX;
  while ((await ask()) !== expected) {
    assert.ok(performance.now() < endMs, `no ${expected} within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
