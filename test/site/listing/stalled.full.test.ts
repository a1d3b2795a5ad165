// Listings that nobody reads on: what they cost, and that they are whole when somebody does.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { HAS_PROC } from "../../fixtures/process-facts.ts";
import { removeFolder } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";

const FOLDERS = 4;
const NAMES = 20_000;
const LISTINGS = 80;
/** Only ends the wait for a process that never rests. */
const LOOKS_MAX = 30;
/**
 * What is held is some 30 MB. The rest is room for garbage that the engine has not collected yet, which
 * is counted with it; with all entries held for each listing it was 800 MB.
 */
const GROWTH_BYTES_MAX = 160 * 1024 * 1024;

/** In memory where the system has such a place: a disk takes long for so many files. */
const site = realpathSync(
  mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "weir-stalled-")),
);
after(() => removeFolder(site));
for (let folder = 0; folder < FOLDERS; folder++) {
  mkdirSync(join(site, `f${folder}`));
  for (let index = 0; index < NAMES; index++) {
    writeFileSync(join(site, `f${folder}`, `a-name-of-a-usual-length-${index}.txt`), "");
  }
}

const QUERIES = ["", "sort=size", "sort=modified&order=desc", "sort=hits&order=desc", "q=usual"];

interface Stalled {
  readonly response: IncomingMessage;
  readonly isJson: boolean;
  readonly target: string;
}

/** An answer whose head was read, and nothing more. */
async function stall(weir: WeirProcess, index: number): Promise<Stalled> {
  const isJson = index % 2 === 0;
  const target = `/f${index % FOLDERS}/?${QUERIES[index % QUERIES.length]}`;
  const headers: Record<string, string> = { Accept: isJson ? "application/json" : "*/*" };
  if (index % 3 === 0) headers["Accept-Encoding"] = "gzip";
  const asked = get(`${weir.url}${target}`, { agent: false, headers });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return { response, isJson, target };
}

async function readOn({ response, target, isJson }: Stalled): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));
  const isCoded = response.headers["content-encoding"] !== undefined;
  const text = (isCoded ? gunzipSync(body) : body).toString();
  const names = isJson
    ? (JSON.parse(text) as { entries: { name: string }[] }).entries.map(({ name }) => name)
    : Array.from(text.matchAll(/<bdi>(a-[^<]*)<\/bdi>/g), ([, name = ""]) => name);
  assert.deepEqual([names.length, new Set(names).size], [NAMES, NAMES], target);
}

function residentBytes(weir: WeirProcess): number {
  const status = readFileSync(`/proc/${weir.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Until nothing more is made: the buffers of the kernel are full. */
async function settledBytes(weir: WeirProcess): Promise<number> {
  let bytes = residentBytes(weir);
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await wait(1000);
    const before = bytes;
    bytes = residentBytes(weir);
    if (Math.abs(bytes - before) < 2 ** 20) break;
  }
  return bytes;
}

test(`${LISTINGS} listings that nobody reads cost little memory, and are whole when they are read [${FOLDERS} folders of ${NAMES}, 5 queries, both forms]`, async (t: TestContext) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const weir = await startWeir(t, { dir: site, args: ["--rate", "off", "--workers", "1"] });
  // What the garbage of reading such folders takes comes once, whoever reads them.
  for (let index = 0; index < 2 * FOLDERS; index++) await readOn(await stall(weir, index));
  const before = await settledBytes(weir);
  const all: Stalled[] = [];
  for (let index = 0; index < LISTINGS; index++) all.push(await stall(weir, index));
  const grown = (await settledBytes(weir)) - before;
  t.diagnostic(`${Math.round(grown / 2 ** 20)} MiB more than ${Math.round(before / 2 ** 20)}`);
  assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes more`);
  for (let index = 0; index < 50; index++) {
    await fetch(`${weir.url}/f0/a-name-of-a-usual-length-${index}.txt`);
  }
  for (const stalled of all) await readOn(stalled);
});
