// Listings of folders with very many entries, through the real command: whole, in order, begun at once,
// and in nobody's way.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openClient } from "../../fixtures/keep-alive-client.ts";
import type { JsonListing } from "../../fixtures/one-request.ts";
import { countDescriptors, HAS_PROC, waitUntil } from "../../fixtures/process-facts.ts";
import { removeFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";

/** As many as a listing shows. */
const ENTRIES_MAX = 100_000;

/** In memory where the system has such a place: a disk takes half a minute for so many files. */
const site = realpathSync(
  mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "weir-large-")),
);
after(() => removeFolder(site));
writeTree(site, { "small.txt": "small", "many/": { "a folder/": {} } });
for (let index = 1; index < ENTRIES_MAX; index++) {
  writeFileSync(join(site, "many", `File ${index}.txt`), "");
}
const wholeFile = { after: (hook: unknown) => after(hook as () => unknown) };
const weir = await startWeir(wholeFile, { dir: site, args: ["--rate", "off", "--workers", "1"] });

async function fetchListing(from: WeirProcess, path: string): Promise<JsonListing> {
  const response = await fetch(`${from.url}${path}`, { headers: { Accept: "application/json" } });
  assert.equal(response.status, 200);
  return (await response.json()) as JsonListing;
}

async function fetchPage(from: WeirProcess, path: string): Promise<string> {
  const response = await fetch(`${from.url}${path}`);
  assert.equal(response.status, 200);
  return response.text();
}

function hrefsOf(page: string): string[] {
  return Array.from(
    page.matchAll(/<td class="(?!up)\w+"><a href="([^"]+)">/g),
    ([, href = ""]) => `/many/${href}`,
  );
}

/** To show how two lists of this length differ, deepEqual takes all the memory that there is. */
function assertSameList(actual: readonly string[], expected: readonly string[]): void {
  const place = expected.findIndex((name, index) => name !== actual[index]);
  assert.equal(actual[place], expected[place], `entry ${place}`);
  assert.equal(actual.length, expected.length);
}

/** A connection on which a folder is asked for, and what has come of the answer when it begins. */
async function beginListing(path: string) {
  const socket = connect({ port: weir.port, host: weir.host });
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: weir.test\r\nConnection: close\r\n\r\n`);
  const [first] = (await once(socket, "data")) as [Buffer];
  return { socket, first };
}

test("100,000 entries are all listed, in the same order as a page and as JSON", async () => {
  const { entries } = await fetchListing(weir, "/many/");
  const hrefs = entries.map(({ href }) => href);
  assert.equal(hrefs.shift(), "/many/a%20folder/");
  assertSameList(
    hrefs,
    Array.from({ length: ENTRIES_MAX - 1 }, (_, index) => `/many/File%20${index + 1}.txt`),
  );
  const page = await fetchPage(weir, "/many/");
  assertSameList(hrefsOf(page), ["/many/a%20folder/", ...hrefs]);
  assert.match(page, /<p class="sum">1 folder, 99,999 files, /);
  assert.doesNotMatch(page, /This folder holds more/);
  assert.ok(page.endsWith("</html>\n"));
});

test("a client of HTTP/1.0 gets a large listing whole, without chunks, up to the close", async () => {
  const socket = connect({ port: weir.port, host: weir.host });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write("GET /many/?format=json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  await once(socket, "close");
  const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  assert.doesNotMatch(head, /^(transfer-encoding|content-length):/im);
  assert.equal((JSON.parse(body) as JsonListing).entries.length, ENTRIES_MAX);
});

test("a listing in another order has the same entries (name down, hits down after three hits)", async () => {
  for (const number of [5, 70_000, 70_000]) await fetchPage(weir, `/many/File%20${number}.txt`);
  const down = await fetchListing(weir, "/many/?sort=name&order=desc");
  assert.equal(down.entries.length, ENTRIES_MAX);
  assert.deepEqual(
    down.entries.slice(0, 3).map(({ name }) => name),
    ["a folder", "File 99999.txt", "File 99998.txt"],
  );
  const byHits = await fetchListing(weir, "/many/?sort=hits&order=desc");
  assert.equal(new Set(byHits.entries.map(({ name }) => name)).size, ENTRIES_MAX);
  assert.deepEqual(
    byHits.entries.slice(1, 4).map(({ name, hits }) => [name, hits]),
    [
      ["File 70000.txt", 2],
      ["File 5.txt", 1],
      ["File 1.txt", 0],
    ],
  );
});

test("the page begins before the folder is read", async () => {
  // A client that is held up finds more than the beginning; a server that reads first never sends it alone.
  for (let tries = 1, hasRows = true; hasRows; tries++) {
    assert.ok(tries <= 20, "the rows came with the beginning every time");
    const { socket, first } = await beginListing("/many/?sort=size");
    const text = first.toString();
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(text, /<title>Index of \/many\/<\/title>/);
    hasRows = text.includes("<tr>");
    socket.destroy();
    // It is remembered for a second, and comes at once then.
    if (hasRows) await sleep(1500);
  }
});

test("others are answered while a folder is listed (one thread, at least 10 answers)", async (t) => {
  const client = await openClient(t, weir);
  await client.ask("/small.txt");
  let isOver = false;
  const listing = fetchListing(weir, "/many/?sort=modified").then(({ entries }) => {
    isOver = true;
    return entries.length;
  });
  let answerCount = 0;
  while (!isOver) {
    assert.equal((await client.ask("/small.txt")).body.toString(), "small");
    if (!isOver) answerCount++;
  }
  assert.equal(await listing, ENTRIES_MAX);
  assert.ok(answerCount >= 10, `${answerCount} answers`);
});

test("clients that leave take no descriptor with them (20 in the middle, 20 with HEAD)", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const pid = weir.child.pid ?? assert.fail("the process has no number");
  await fetchPage(weir, "/small.txt");
  await waitUntil("earlier clients are gone", () => countDescriptors(pid) < 60);
  const before = countDescriptors(pid);
  for (let turn = 0; turn < 20; turn++) {
    const { socket } = await beginListing("/many/");
    if (turn % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
    const { status } = await fetch(`${weir.url}/many/`, { method: "HEAD" });
    assert.equal(status, 200);
  }
  await waitUntil(`as many as before, ${before}`, () => countDescriptors(pid) <= before);
  assert.equal(await fetchPage(weir, "/small.txt"), "small");
});

test("a folder that is moved away while it is listed is listed whole", async (t) => {
  if (process.platform !== "linux") return t.skip("only Linux reads the folder that was opened");
  const { socket, first } = await beginListing("/many/?format=json&sort=size");
  // On a busy machine the folder may have been read by now; then there is nothing to go wrong.
  t.diagnostic(`moved ${/"name"/.test(first.toString()) ? "after" : "before"} the first entries`);
  renameSync(join(site, "many"), join(site, "moved"));
  mkdirSync(join(site, "many"));
  t.after(() => renameSync(join(site, "moved"), join(site, "many")));
  const chunks: Buffer[] = [first];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  assert.equal(
    Buffer.concat(chunks)
      .toString()
      .match(/"name":/g)?.length,
    ENTRIES_MAX,
  );
  assert.deepEqual((await fetchListing(weir, "/many/")).entries, []);
});

test("of 100,001 entries 100,000 are listed, and the page says that there are more", async () => {
  writeFileSync(join(site, "many", "one more"), "");
  const page = await fetchPage(weir, "/many/");
  assert.match(page, /This folder holds more than the 100,000 entries listed here, 100,001 in all/);
  assert.equal(new Set(hrefsOf(page)).size, ENTRIES_MAX);
  const listing = await fetchListing(weir, "/many/");
  const { entries, ...facts } = listing as JsonListing & { truncated?: boolean; total?: number };
  assert.equal(entries.length, ENTRIES_MAX);
  assert.deepEqual([facts.truncated, facts.total], [true, ENTRIES_MAX + 1]);
});
