// The clients that people use, against the real command: curl, wget and aria2c get the bytes that are
// on the disk, in parts, in parallel and after a break.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requireProgram } from "./fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "./fixtures/weir-process.ts";

const EXAMPLES = fileURLToPath(new URL("../examples/public", import.meta.url));
const LARGE = randomBytes(20_000_000);
const PAGE = `<!doctype html><title>page</title>${"<p>weir</p>".repeat(500)}`;

interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<ProgramEnd> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** A server, an empty folder beside it, and a program that must end with 0. */
async function start(t: TestContext, program: string, debianPackage: string) {
  const path = requireProgram(t, program, debianPackage);
  if (path === undefined) return undefined;
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE, "page.html": PAGE, "a b.txt": "with a blank" });
  const weir = await startWeir(t, { dir, args: ["--rate", "off"] });
  const folder = makeTempFolder(t);
  const call = async (...args: string[]): Promise<Buffer> => {
    const { code, stdout, stderr } = await run(path, args, folder);
    assert.equal(code, 0, `${program} ${args.join(" ")}:\n${stderr}`);
    return stdout;
  };
  return { url: weir.url, folder, call, weir };
}

test("curl gets a file, its head, a part of it, and several over one connection", async (t) => {
  const client = await start(t, "curl", "curl");
  if (client === undefined) return;
  const { url, call } = client;
  const quiet = ["--silent", "--show-error", "--fail"];
  assert.ok((await call(...quiet, `${url}/large.bin`)).equals(LARGE));
  assert.equal((await call(...quiet, `${url}/a%20b.txt`)).toString(), "with a blank");
  const head = (await call(...quiet, "--head", `${url}/large.bin`)).toString();
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: 20000000\r\n.*\r\n\r\n$/s);
  const part = await call(...quiet, "--range", "1000000-1999999", `${url}/large.bin`);
  assert.ok(part.equals(LARGE.subarray(1_000_000, 2_000_000)));
  const tail = await call(...quiet, "--range", "-7", `${url}/large.bin`);
  assert.ok(tail.equals(LARGE.subarray(-7)));
  const page = `${url}/page.html`;
  assert.equal((await call(...quiet, "--compressed", page)).toString(), PAGE);
  assert.equal((await call(...quiet, "--http1.0", page)).toString(), PAGE);
  const connects = await call(
    ...quiet,
    page,
    page,
    page,
    "-o",
    "1",
    "-o",
    "2",
    "-o",
    "3",
    "-w",
    "%{num_connects}",
  );
  assert.equal(connects.toString(), "100", "three files, one connection");
});

test("curl goes on with a download that was cut off anywhere [-C -]", async (t) => {
  const client = await start(t, "curl", "curl");
  if (client === undefined) return;
  const { url, folder, call } = client;
  const file = join(folder, "large.bin");
  writeFileSync(file, LARGE);
  const lengthBytes = Math.floor(Math.random() * LARGE.length);
  t.diagnostic(`cut off after ${lengthBytes} bytes`);
  truncateSync(file, lengthBytes);
  await call("--silent", "--show-error", "--fail", "-C", "-", "-O", `${url}/large.bin`);
  assert.ok(readFileSync(file).equals(LARGE));
});

test("curl gets twenty files side by side [--parallel]", async (t) => {
  const client = await start(t, "curl", "curl");
  if (client === undefined) return;
  const { url, folder, call } = client;
  const names = Array.from({ length: 20 }, (_, index) => `part${index}`);
  const pieceBytes = LARGE.length / names.length;
  const args = names.flatMap((name, index) => {
    const next = index === 0 ? [] : ["--next"];
    const range = `${index * pieceBytes}-${(index + 1) * pieceBytes - 1}`;
    return [...next, "--silent", "--fail", "--range", range, "-o", name, `${url}/large.bin`];
  });
  await call("--parallel", ...args);
  const pieces = names.map((name) => readFileSync(join(folder, name)));
  assert.ok(Buffer.concat(pieces).equals(LARGE));
});

test("wget gets a file, and goes on with one that was cut off [--continue]", async (t) => {
  const client = await start(t, "wget", "wget");
  if (client === undefined) return;
  const { url, folder, call } = client;
  await call("--no-verbose", `${url}/page.html`);
  assert.equal(readFileSync(join(folder, "page.html"), "utf8"), PAGE);
  writeFileSync(join(folder, "large.bin"), LARGE.subarray(0, 12_345_678));
  await call("--no-verbose", "--continue", `${url}/large.bin`);
  assert.ok(readFileSync(join(folder, "large.bin")).equals(LARGE));
  // Not modified since: nothing is fetched again.
  const before = statSync(join(folder, "page.html")).ctimeMs;
  await call("--no-verbose", "--timestamping", `${url}/page.html`);
  assert.equal(statSync(join(folder, "page.html")).ctimeMs, before);
});

/** Every file below `folder`, by its path there. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
}

test("wget --mirror brings every file of the examples home, byte for byte", async (t) => {
  const wget = requireProgram(t, "wget", "wget");
  if (wget === undefined) return;
  const weir: WeirProcess = await startWeir(t, { dir: EXAMPLES, args: ["--rate", "off"] });
  const folder = makeTempFolder(t);
  // Whatever the locale: names are bytes.
  const args = [
    "--mirror",
    "--no-verbose",
    "--no-host-directories",
    "--restrict-file-names=nocontrol",
  ];
  const { code, stderr } = await run(wget, [...args, `${weir.url}/`], folder);
  assert.equal(code, 0, stderr);
  const files = listFiles(EXAMPLES).filter((path) => !/(^|\/)\./.test(path));
  assert.ok(files.length > 10);
  for (const path of files) {
    const copy = readFileSync(join(folder, path));
    assert.ok(copy.equals(readFileSync(join(EXAMPLES, path))), path);
  }
});

test("aria2c gets a file in sixteen parts at the same time", async (t) => {
  const client = await start(t, "aria2c", "aria2");
  if (client === undefined) return;
  const { url, folder, call } = client;
  const parts = ["--split=16", "--max-connection-per-server=16", "--min-split-size=1M"];
  await call("--quiet", "--no-conf", "--file-allocation=none", ...parts, `${url}/large.bin`);
  assert.ok(readFileSync(join(folder, "large.bin")).equals(LARGE));
});
