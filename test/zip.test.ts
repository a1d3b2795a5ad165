// A folder as a zip, through the real command: what is in it, byte for byte, as Info-ZIP and Python read
// it; what is left out; and that it is never taken for whole when it is not.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestListing, requestOnce } from "./fixtures/one-request.ts";
import {
  countDescriptors,
  HAS_PROC,
  readPeakMemoryBytes,
  waitUntil,
} from "./fixtures/process-facts.ts";
import { rawExchange } from "./fixtures/raw-client.ts";
import { fieldValue } from "./fixtures/raw-response.ts";
import { requireProgram } from "./fixtures/system-program.ts";
import { makeTempFolder, removeFolder, type Tree, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "./fixtures/weir-process.ts";

const UNLIMITED = ["--rate", "off", "--workers", "1"];
const MODIFIED_SECONDS = 1_700_000_000;
const MIB = 1024 * 1024;

function startWithZip(t: TestContext, dir: string, args: readonly string[] = []) {
  return startWeir(t, { dir, args: [...UNLIMITED, "--zip", ...args] });
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Every file and folder below, by its path as bytes, with its content's digest; a folder has none. */
function readTree(dir: string): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const read = (folder: Buffer, prefix: string): void => {
    for (const name of readdirSync(folder, { encoding: "buffer" })) {
      const path = Buffer.concat([folder, Buffer.from("/"), name]);
      const key = prefix + name.toString("latin1");
      const isFolder = statSync(path).isDirectory();
      found.set(key, isFolder ? undefined : digest(readFileSync(path)));
      if (isFolder) read(path, `${key}/`);
    }
  };
  read(Buffer.from(dir), "");
  return found;
}

async function fetchZip(weir: WeirProcess, path = "/"): Promise<Buffer> {
  const response = await fetch(`${weir.url}${path}?download=zip`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/zip");
  return Buffer.from(await response.arrayBuffer());
}

/** Unpacks with Info-ZIP; undefined after `t.skip`. */
function unzip(t: TestContext, zip: Buffer): string | undefined {
  const program = requireProgram(t, "unzip", "unzip");
  if (program === undefined) return undefined;
  const folder = makeTempFolder(t);
  const path = join(folder, "a.zip");
  writeFileSync(path, zip);
  const out = join(folder, "out");
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  execFileSync(program, ["-tqq", path], { env });
  execFileSync(program, ["-q", path, "-d", out], { env });
  return out;
}

/** Names and contents as Python reads them; undefined after `t.skip`. */
function readWithPython(t: TestContext, zip: Buffer): Record<string, number> | undefined {
  const program = requireProgram(t, "python3", "python3");
  if (program === undefined) return undefined;
  const path = join(makeTempFolder(t), "a.zip");
  writeFileSync(path, zip);
  const script =
    "import json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
    "print(json.dumps({i.filename: i.file_size for i in z.infolist()}))";
  const text = execFileSync(program, ["-c", script, path], {
    encoding: "utf8",
    maxBuffer: 64 * MIB,
  });
  return JSON.parse(text) as Record<string, number>;
}

const NAMES = [
  "a b.txt",
  "-rf",
  "Größe – я ☂.txt",
  "100%25.txt",
  "$(x);'\"`.txt",
  "*?.txt",
  "....",
];

test("a zip unpacks to the same tree, byte for byte, times and all (names, sizes, an empty folder)", async (t) => {
  const dir = makeTempFolder(t);
  const names = Object.fromEntries(NAMES.map((name) => [name, name]));
  const bytes = Buffer.alloc(300_000, "0123456789abcdef\n");
  writeTree(dir, {
    "empty.txt": "",
    "empty/": {},
    "large.txt": bytes,
    "large.bin": bytes.subarray(0, 200_001),
    "piece.bin": bytes.subarray(0, 65_536),
    "names/": { ...names, "deeper/": { ...names } },
    "with index/": { "index.html": "page", "b.txt": "b" },
  });
  // No UTF-8: a zip cannot say what letters these are, but the bytes stay.
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0x66, 0xe9, 0xfe])]), "bytes");
  utimesSync(join(dir, "large.txt"), MODIFIED_SECONDS, MODIFIED_SECONDS);
  const weir = await startWithZip(t, dir, ["--hidden"]);
  const out = unzip(t, await fetchZip(weir));
  if (out === undefined) return;
  assert.deepEqual(readTree(out), readTree(dir));
  assert.equal(statSync(join(out, "large.txt")).mtimeMs, MODIFIED_SECONDS * 1000);
  const below = unzip(t, await fetchZip(weir, "/with%20index/")) ?? assert.fail();
  assert.deepEqual([...readTree(below).keys()].sort(), ["b.txt", "index.html"]);
});

test("a zip holds what requests get and nothing else (hidden, types, links, rights, a loop)", async (t) => {
  const dir = makeTempFolder(t);
  const outside = makeTempFolder(t);
  writeTree(outside, { "secret.txt": "secret", "folder/": { "secret.txt": "secret" } });
  const tree: Tree = {
    "a.txt": "a",
    "b.exe": "b",
    ".hidden.txt": "h",
    ".git/": { "config.txt": "h" },
    "sub/": { "c.txt": "c" },
    "closed.txt": "x",
    "closed/": { "d.txt": "d" },
  };
  writeTree(dir, tree);
  symlinkSync("a.txt", join(dir, "link.txt"));
  symlinkSync(join(outside, "secret.txt"), join(dir, "outside.txt"));
  symlinkSync(join(outside, "folder"), join(dir, "outside"));
  symlinkSync("..", join(dir, "sub", "loop"));
  symlinkSync("nowhere", join(dir, "broken.txt"));
  chmodSync(join(dir, "closed.txt"), 0);
  chmodSync(join(dir, "closed"), 0);
  const weir = await startWithZip(t, dir, ["--types", "txt"]);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  // Root may read everything.
  const closed = process.getuid?.() === 0 ? ["closed.txt", "closed/", "closed/d.txt"] : [];
  assert.deepEqual(
    Object.keys(held).sort(),
    ["a.txt", ...closed, "link.txt", "sub/", "sub/c.txt"].sort(),
  );
  for (const name of Object.keys(held)) {
    assert.equal((await requestOnce(weir.port, `/${name}`)).status, 200, name);
  }
  chmodSync(join(dir, "closed"), 0o755);
});

test("names that mean more elsewhere are written out (backslashes, controls, and what looks like them)", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "x\\..\\..\\y.txt": "1", "C:\\x.txt": "2", "a\nb.txt": "3", "C:%5Cx.txt": "4" });
  const weir = await startWithZip(t, dir);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  assert.deepEqual(Object.keys(held).sort(), [
    "C:%5Cx.txt",
    "_C:%5Cx.txt",
    "a%0Ab.txt",
    "x%5C..%5C..%5Cy.txt",
  ]);
});

/** In memory where the system has such a place: a disk takes half a minute for so many files. */
function makeLargeFolder(t: TestContext): string {
  const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = realpathSync(mkdtempSync(join(parent, "weir-zip-")));
  t.after(() => removeFolder(folder));
  return folder;
}

test("a zip of more than 65,535 entries can be read, one of more than 100,000 is none (66,000, 102,000)", async (t) => {
  const dir = makeLargeFolder(t);
  writeTree(dir, { "many/": {}, "more/": {} });
  for (let index = 0; index < 66_000; index++) writeFileSync(join(dir, "many", `f${index}`), "");
  const weir = await startWithZip(t, dir);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  assert.equal(Object.keys(held).length, 66_002);
  for (let index = 0; index < 36_000; index++) writeFileSync(join(dir, "more", `f${index}`), "");
  await assert.rejects(fetchZip(weir), /terminated|other side closed|aborted/);
});

test("it is one hit of the folder, HEAD has the fields, and the name is told (docs, the root, a name in UTF-8)", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "docs/": { "a.txt": "a" }, "ü b/": { "a.txt": "a" } });
  const weir = await startWithZip(t, dir);
  await fetchZip(weir, "/docs/");
  const head = await requestOnce(weir.port, "/docs/?download=zip", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  assert.equal(fieldValue(head, "content-type"), "application/zip");
  assert.equal(fieldValue(head, "cache-control"), "no-store");
  assert.equal(
    fieldValue(head, "content-disposition"),
    "attachment; filename=\"docs.zip\"; filename*=UTF-8''docs.zip",
  );
  const named = await requestOnce(weir.port, "/%C3%BC%20b/?download=zip", { method: "HEAD" });
  assert.match(fieldValue(named, "content-disposition") ?? "", /"_ b\.zip"; .*''%C3%BC%20b\.zip$/);
  const root = await requestOnce(weir.port, "/?download=zip", { method: "HEAD" });
  assert.match(fieldValue(root, "content-disposition") ?? "", /"weir-test-\w+\.zip"/);
  const { entries } = await requestListing(weir.port, "/");
  assert.deepEqual(
    entries.map(({ name, hits }) => [name, hits]),
    [
      ["docs", 1],
      ["ü b", 0],
    ],
  );
  // The files in it are not asked for.
  assert.equal((await requestListing(weir.port, "/docs/")).entries[0]?.hits, 0);
  const moved = await requestOnce(weir.port, "/docs?download=zip");
  assert.equal(fieldValue(moved, "location"), "docs/?download=zip");
});

test("without --zip, and without listings, the query means nothing", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const plain = await startWeir(t, { dir, args: UNLIMITED });
  const listing = await requestOnce(plain.port, "/?download=zip");
  assert.match(listing.body.toString(), /<title>Index of/);
  assert.doesNotMatch(listing.body.toString(), /download/);
  const closed = await startWithZip(t, dir, ["--no-listing"]);
  assert.equal((await requestOnce(closed.port, "/?download=zip")).status, 404);
});

test("a client of HTTP/1.0 gets the same zip up to the close, without chunks", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a".repeat(200_000), "b.bin": "b" });
  const weir = await startWithZip(t, dir);
  const zip = await fetchZip(weir);
  const { responses, closed } = await rawExchange({
    port: weir.port,
    send: "GET /?download=zip HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  });
  assert.equal(closed, "end");
  assert.equal(fieldValue(responses[0]!, "transfer-encoding"), undefined);
  assert.equal(fieldValue(responses[0]!, "connection"), "close");
  assert.ok(responses[0]?.body.equals(zip));
});

/** A folder of files that are large together, without taking the room. */
function writeSparse(dir: string, count: number, bytesEach: number): void {
  for (let index = 0; index < count; index++) {
    const path = join(dir, `${index}.bin`);
    writeFileSync(path, "");
    truncateSync(path, bytesEach);
  }
}

/** Asks for the zip and takes nothing after its first bytes. */
async function beginZip(weir: WeirProcess) {
  const socket = connect({ port: weir.port, host: weir.host });
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("GET /?download=zip HTTP/1.1\r\nHost: weir.test\r\n\r\n");
  await once(socket, "data");
  socket.pause();
  return socket;
}

test("nothing is read ahead of readers that stall, and nothing is left open after them (8 of 1 GiB)", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const dir = makeTempFolder(t);
  writeSparse(dir, 4, 256 * MIB);
  writeTree(dir, { "small.txt": "small" });
  const weir = await startWithZip(t, dir);
  const pid = weir.child.pid ?? assert.fail("the process has no number");
  await requestOnce(weir.port, "/small.txt");
  const before = countDescriptors(pid);
  const memoryBefore = readPeakMemoryBytes(pid);
  const sockets = await Promise.all(Array.from({ length: 8 }, () => beginZip(weir)));
  // Others are answered; one more zip is told to wait.
  assert.equal((await requestOnce(weir.port, "/small.txt")).status, 200);
  const refused = await requestOnce(weir.port, "/?download=zip");
  assert.equal(refused.status, 503);
  assert.equal(fieldValue(refused, "retry-after"), "1");
  assert.ok(countDescriptors(pid) <= before + 2 * sockets.length);
  assert.ok(readPeakMemoryBytes(pid) - memoryBefore < 128 * MIB);
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await waitUntil(`as many as before, ${before}`, () => countDescriptors(pid) <= before);
  const again = await beginZip(weir);
  again.destroy();
});

test("a file that is cut short while it is sent cuts the zip short, for all to see", async (t) => {
  const dir = makeTempFolder(t);
  writeSparse(dir, 1, 64 * MIB);
  const weir = await startWithZip(t, dir, ["--log", "json"]);
  const socket = await beginZip(weir);
  truncateSync(join(dir, "0.bin"), MIB);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, "close");
  const received = Buffer.concat(chunks);
  assert.ok(!received.subarray(-7).includes("0\r\n\r\n"));
  assert.ok(!received.includes(Buffer.from([0x50, 0x4b, 0x05, 0x06])));
  await waitUntil("it is noted as cut short", () => /"complete":false/.test(weir.stdout()));
});

test("folders too deep to be a zip are no zip at all, or one cut short (102 in each other)", async (t) => {
  const dir = makeTempFolder(t);
  mkdirSync(join(dir, ...Array.from({ length: 102 }, () => "d")), { recursive: true });
  const weir = await startWithZip(t, dir);
  // Whether anything was sent before that was seen is for the time slices to say.
  const outcome = await fetchZip(weir).then(
    () => "whole",
    (error: Error) => error.message,
  );
  assert.match(outcome, /terminated|500 !== 200/);
});
