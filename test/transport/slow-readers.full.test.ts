// Slow readers of every kind of answer, with programs that people use and as long as it takes: a paused
// curl, a steady slow one, nginx in front with a small temporary file of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startNginx } from "../fixtures/front-proxy.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { get, openStuck } from "../fixtures/slow-reader.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

/** More than the buffers of both kernels take. */
const LARGE = Buffer.alloc(24 * 1024 * 1024, "0123456789abcdef");
/** As much again as a reader has by the time it is stopped. */
const HUGE_BYTES = 60_000_000;
/** A little longer than servers of the field allow. */
const PAUSE_MS = 33_000;
const LONG_NAME = "n".repeat(200);
const NAME_COUNT = 12_000;
const WAIT_MS_MAX = 60_000;

function makeFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, {
    "a.txt": "small",
    "large.bin": LARGE,
    "huge.bin": Buffer.alloc(HUGE_BYTES, "0123456789abcdef"),
    zipped: { "large.bin": LARGE },
  });
  return dir;
}

function serve(t: TestContext, dir: string, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir, args: ["--rate", "off", "--workers", "1", ...args] });
}

/** Runs curl into a file; settles with its exit code. */
function startCurl(t: TestContext, path: string, file: string, args: readonly string[]) {
  const child = spawn(path, ["--silent", "--show-error", "--output", file, ...args], {
    stdio: "inherit",
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, ended };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

test("curl at 20 MB/s, stopped for 33 s and continued, gets 60 MB whole [keep-alive, HTTP/1.0]", async (t) => {
  const curl = requireProgram(t, "curl", "curl");
  if (curl === undefined) return;
  const dir = makeFolder(t);
  const folder = makeTempFolder(t);
  const weir = await serve(t, dir);
  await Promise.all(
    ["--http1.1", "--http1.0"].map(async (version) => {
      const file = join(folder, version);
      const args = [version, "--limit-rate", "20M", `${weir.url}/huge.bin`];
      const { child, ended } = startCurl(t, curl, file, args);
      await waitUntil("curl has begun", () => sizeOf(file) > 1_000_000);
      child.kill("SIGSTOP");
      await sleep(PAUSE_MS);
      child.kill("SIGCONT");
      assert.equal(await ended, 0);
      assert.ok(readFileSync(file).equals(readFileSync(join(dir, "huge.bin"))));
    }),
  );
});

test("a reader of 3 MB/s gets the whole file, though it takes more than the stall timeout [8s]", async (t) => {
  const curl = requireProgram(t, "curl", "curl");
  if (curl === undefined) return;
  const dir = makeFolder(t);
  const file = join(makeTempFolder(t), "huge.bin");
  // What curl's kernel takes at once is megabytes: so large are the steps that can be seen.
  const weir = await serve(t, dir, "--stall-timeout", "8s");
  const args = ["--limit-rate", "3M", `${weir.url}/huge.bin`];
  assert.equal(await startCurl(t, curl, file, args).ended, 0);
  assert.equal(sizeOf(file), HUGE_BYTES);
});

test("nginx in front, whose own file is full, and a client of 1 MB/s: 60 MB come whole", async (t) => {
  const curl = requireProgram(t, "curl", "curl");
  const nginx = requireProgram(t, "nginx", "nginx-light");
  if (curl === undefined || nginx === undefined) return;
  const dir = makeFolder(t);
  const file = join(makeTempFolder(t), "huge.bin");
  const weir = await serve(t, dir);
  const port = await startNginx(
    t,
    nginx,
    (own) => `server { listen 127.0.0.1:${own};
  location / { proxy_pass ${weir.url}; proxy_max_temp_file_size 8m; }
}`,
  );
  const args = ["--limit-rate", "1M", `http://127.0.0.1:${port}/huge.bin`];
  assert.equal(await startCurl(t, curl, file, args).ended, 0);
  assert.equal(sizeOf(file), HUGE_BYTES);
});

/** Answers of all kinds that are larger than the buffers between us. */
const LARGE_ANSWERS: readonly (readonly [string, string])[] = [
  ["a file", get("/large.bin")],
  ["several ranges of a file", get("/large.bin", "Range: bytes=0-9000000,9500000-24000000\r\n")],
  ["a zip", get("/zipped/?download=zip")],
  ["a listing", get("/names/", "Accept: text/html\r\n")],
];

test("readers that read nothing hold no turns: others are answered [--concurrency 2]", async (t) => {
  const dir = makeFolder(t);
  mkdirSync(join(dir, "names"));
  for (let index = 0; index < NAME_COUNT; index++) {
    writeFileSync(join(dir, "names", `${LONG_NAME}${index}`), "");
  }
  const weir = await serve(t, dir, "--concurrency", "2", "--zip", "--index");
  for (const [kind, head] of LARGE_ANSWERS) {
    for (let count = 0; count < 2; count++) await openStuck(t, weir.port, head);
    const { responses } = await rawExchange({
      port: weir.port,
      send: get("/a.txt", "Connection: close\r\n"),
      timeoutMs: WAIT_MS_MAX,
    });
    assert.equal(responses[0]?.body.toString(), "small", `behind two readers of ${kind}`);
  }
});
