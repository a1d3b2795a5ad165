// wget and wget2 as clients: whole trees by the links of the listings, only what is newer, and the rest
// of what was broken off.

import assert from "node:assert/strict";
import { readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { waitUntil } from "../fixtures/process-facts.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { makeLarge, readTree, writeSampleTree } from "./sample-tree.ts";

type Run = (args: readonly string[]) => Promise<Buffer>;

interface Site {
  readonly weir: WeirProcess;
  readonly dir: string;
  readonly folder: string;
  readonly run: Run;
}

async function serveTree(t: TestContext, program: string): Promise<Site> {
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  writeSampleTree(dir);
  // One thread: the lines of several come in no order.
  const args = ["--rate", "off", "--log", "common", "--workers", "1"];
  const weir = await startWeir(t, { dir, args });
  const run: Run = (args) => runClient(program, ["--no-config", "-nv", ...args], folder);
  return { weir, dir, folder, run };
}

/** Path and status of every GET; the server has ended then, as its log comes a little later. */
async function readRequests({ weir }: Site): Promise<[path: string, status: string][]> {
  await weir.stop();
  const lines = weir.stdout().matchAll(/"GET (\S+) HTTP\/1\.1" (\d+)/g);
  return Array.from(lines, ([, path = "", status = ""]) => [path, status]);
}

/** A file that is asked for often may be answered as it was for a second. HEAD is no GET in the log. */
async function showsTime(url: string, seconds: number): Promise<void> {
  const time = new Date(Math.floor(seconds) * 1000).toUTCString();
  await waitUntil("the change is shown", async () => {
    const { headers } = await fetch(url, { method: "HEAD" });
    return headers.get("last-modified") === time;
  });
}

/** Without the listings, which some keep as pages. */
function withoutListings(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !/index\.html$/.test(name)));
}

async function checkClient(t: TestContext, program: string): Promise<void> {
  const site = await serveTree(t, program);
  const { weir, dir, folder, run } = site;
  await run(["-r", "-np", "-nH", "-P", "tree", "-R", "index.html*", `${weir.url}/`]);
  assert.deepEqual(withoutListings(readTree(join(folder, "tree"))), readTree(dir));

  const large = join(folder, "large.bin");
  await run(["-N", `${weir.url}/large.bin`]);
  await run(["-N", `${weir.url}/large.bin`]);
  assert.ok(readFileSync(large).equals(makeLarge()));
  const changed = Buffer.from(makeLarge().reverse());
  writeFileSync(join(dir, "large.bin"), changed);
  const soon = Date.now() / 1000 + 5;
  utimesSync(join(dir, "large.bin"), soon, soon);
  await showsTime(`${weir.url}/large.bin`, soon);
  await run(["-N", `${weir.url}/large.bin`]);
  assert.ok(readFileSync(large).equals(changed));

  truncateSync(large, 1_000_000);
  await run(["-c", `${weir.url}/large.bin`]);
  assert.ok(readFileSync(large).equals(changed));

  const requests = await readRequests(site);
  const ofLarge = requests.flatMap(([path, status]) => (path === "/large.bin" ? status : []));
  assert.deepEqual(ofLarge, ["200", "200", "304", "200", "206"]);
  // Sort orders, zips and the like are no pages of their own.
  const variants = requests.filter(([path]) => path.includes("?"));
  assert.deepEqual(variants, []);
}

test("wget fetches a tree once, what is newer, and the rest of a file", async (t) => {
  const wget = requireProgram(t, "wget", "wget");
  if (wget !== undefined) await checkClient(t, wget);
});

test("wget2 fetches a tree once, what is newer, and the rest of a file", async (t) => {
  const wget2 = requireProgram(t, "wget2", "wget2");
  if (wget2 !== undefined) await checkClient(t, wget2);
});
