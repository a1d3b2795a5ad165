// `weir load` beside wrk, hey and ab, against the same server: the counts of each agree with what the
// server itself has counted. How fast each is stands in the benchmarks: no timing decides here.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import type { LoadResult } from "../src/load/result.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { requireProgram } from "./fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir } from "./fixtures/weir-process.ts";

const run = promisify(execFile);
const bodyBytes = 1024;
const requestCount = 2000;
const connectionCount = 8;

interface CountedServer {
  /** Of the file that is loaded. */
  readonly url: string;
  /** Hits that the server has counted since the last call. */
  takeHits(): Promise<number>;
}

async function startCountedServer(t: TestContext): Promise<CountedServer> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "x".repeat(bodyBytes) });
  const weir = await startWeir(t, {
    dir: join(dir, "."),
    args: ["--rate", "off", "--workers", "1"],
  });
  let taken = 0;
  return {
    url: `${weir.url}/a.txt`,
    async takeHits() {
      const response = await fetch(`${weir.url}/?format=json`);
      const listing = (await response.json()) as { entries: { hits: number }[] };
      const hits = listing.entries[0]!.hits - taken;
      taken += hits;
      return hits;
    },
  };
}

/** The number in the first group. */
function readNumber(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  assert.ok(found !== undefined, `${pattern} is not in:\n${text}`);
  return Number(found);
}

async function loadWeir(t: TestContext, args: readonly string[]): Promise<LoadResult> {
  const { stdout, stderr } = await runWeir(t, ["load", ...args, "--json", "-"]);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as LoadResult;
}

const fixedArgs = ["-n", String(requestCount), "-c", String(connectionCount)];

test("2000 requests are 2000 hits, for weir load in one thread and in two", async (t) => {
  const server = await startCountedServer(t);
  for (const threads of ["1", "2"]) {
    const result = await loadWeir(t, [server.url, ...fixedArgs, "-t", threads]);
    assert.deepEqual([result.admitted, result.failed], [requestCount, 0]);
    assert.equal(result.bodyBytes, requestCount * bodyBytes);
    assert.equal(await server.takeHits(), requestCount);
  }
});

test("ab counts the same 2000 requests and bytes", async (t) => {
  const ab = requireProgram(t, "ab", "apache2-utils");
  if (ab === undefined) return;
  const server = await startCountedServer(t);
  const { stdout } = await run(ab, ["-k", "-q", ...fixedArgs, server.url]);
  const result = await loadWeir(t, [server.url, ...fixedArgs]);
  assert.equal(result.admitted, readNumber(stdout, /^Complete requests: +(\d+)$/m));
  assert.equal(result.bodyBytes, readNumber(stdout, /^HTML transferred: +(\d+) bytes$/m));
  assert.equal(readNumber(stdout, /^Failed requests: +(\d+)$/m), result.failed);
  assert.equal(await server.takeHits(), 2 * requestCount);
});

test("hey counts the same 2000 answers by status", async (t) => {
  const hey = requireProgram(t, "hey", "hey");
  if (hey === undefined) return;
  const server = await startCountedServer(t);
  const { stdout } = await run(hey, [...fixedArgs, server.url]);
  const result = await loadWeir(t, [server.url, ...fixedArgs]);
  assert.equal(result.byStatus[200], readNumber(stdout, /\[200\]\s+(\d+) responses/));
  assert.equal(await server.takeHits(), 2 * requestCount);
});

test("in a second weir load counts each hit, as wrk does but for those on their way at its end", async (t) => {
  const wrk = requireProgram(t, "wrk", "wrk");
  if (wrk === undefined) return;
  const server = await startCountedServer(t);
  const result = await loadWeir(t, [server.url, "-d", "1s", "-c", String(connectionCount)]);
  assert.equal(await server.takeHits(), result.total + result.abandoned);
  const { stdout } = await run(wrk, ["-t1", `-c${connectionCount}`, "-d1s", server.url]);
  const wrkCount = readNumber(stdout, /^ +(\d+) requests in /m);
  const hits = await server.takeHits();
  assert.ok(hits >= wrkCount && hits <= wrkCount + connectionCount, `${wrkCount} of ${hits}`);
});
