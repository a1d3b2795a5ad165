// A folder that changes while it is served, through the real command: whatever is written, replaced,
// moved or removed meanwhile, an answer that seems whole is of one version, and the server goes on.

import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { ASKED_OFTEN, CACHED_MS } from "../../src/site/file/response-cache.ts";
import { type FolderWriter, formatLog, startWriter } from "../fixtures/folder-writer.ts";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { countDescriptors, HAS_PROC, waitUntil } from "../fixtures/process-facts.ts";
import { fieldValue, type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const MIB = 1024 * 1024;
const LARGE_BYTES = 64 * MIB;
const CLIENTS = 6;

function serve(t: TestContext, dir: string, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir, args: ["--rate", "off", "--workers", "2", ...args] });
}

/** Versions of one file: each of one letter, and no two as long. */
function makeVersions(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, index) => Buffer.alloc(size, "abcdefghijklmnop"[index]));
}

interface Look {
  readonly response: RawResponse;
  /** Decoded. */
  readonly body: Buffer;
}

/** Asks again and again over several connections, half of them for gzip, while the writer writes. */
async function lookOn(
  t: TestContext,
  weir: WeirProcess,
  target: string,
  options: {
    readonly writer: FolderWriter;
    readonly looks: number;
    readonly turns: number;
    /** Different lengths of bodies that must be seen; a quick client sees one for a second. */
    readonly lengths?: number;
  },
): Promise<Look[]> {
  const { writer, looks, turns, lengths = 0 } = options;
  const seen: Look[] = [];
  const seenLengths = new Set<number>();
  const look = async (client: KeepAliveClient, fields: string) => {
    while (seen.length < looks || writer.turns() < turns || seenLengths.size < lengths) {
      const response = await client.ask(target, { fields });
      const isCoded = fieldValue(response, "content-encoding") === "gzip";
      const body = isCoded ? gunzipSync(response.body) : response.body;
      seen.push({ response, body });
      if (response.status === 200) seenLengths.add(body.length);
    }
  };
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) =>
      look(await openClient(t, weir), index % 2 === 0 ? "" : "Accept-Encoding: gzip\r\n"),
    ),
  );
  return seen;
}

/** Answers by what they are, for the diagnostics. */
function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string | number): string {
  const counts = new Map<string | number, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return JSON.stringify(Object.fromEntries(counts));
}

/**
 * Fails unless a body is a version, or the beginning of one that was all there was of it when it was
 * looked at, and has a tag that no other version has.
 */
function checkVersion(
  { response, body }: Look,
  versions: readonly Buffer[],
  tags: Map<string, number>,
) {
  const version = versions.find((content) => content[0] === body[0]);
  const tag = fieldValue(response, "etag") ?? "";
  assert.ok(
    body.length === 0 || version?.subarray(0, body.length).equals(body),
    `a mixture: ${tag}`,
  );
  // The tag tells the size of the file.
  assert.match(tag, new RegExp(`-${body.length.toString(36)}(?:-gzip)?"$`));
  if (version?.length !== body.length) return;
  const letter = version[0] ?? 0;
  assert.equal(tags.get(tag) ?? letter, letter, `two versions with the tag ${tag}`);
  tags.set(tag, letter);
}

test("a small file that is written anew in place all the time is never a mixture", async (t) => {
  const dir = makeTempFolder(t);
  const versions = makeVersions([900, 4000, 65_000, 20_000, 1500, 40_000, 10, 8192]);
  const path = join(dir, "a.txt");
  writeFileSync(path, versions[0] ?? "");
  const weir = await serve(t, dir);
  const writer = await startWriter(t, { kind: "rewrite", path, contents: versions });
  const seen = await lookOn(t, weir, "/a.txt", {
    ...{ writer, looks: 1500, turns: 300, lengths: 3 },
  });
  t.diagnostic(`${writer.turns()} versions; ${countBy(seen, ({ response }) => response.status)}`);
  await writer.stop();
  const whole = seen.filter(({ response }) => response.status === 200);
  t.diagnostic(`by length: ${countBy(whole, ({ body }) => body.length)}`);
  const tags = new Map<string, number>();
  for (const look of whole) checkVersion(look, versions, tags);
  for (const { response } of seen.filter(({ response }) => response.status !== 200)) {
    assert.equal(response.status, 503);
    assert.equal(fieldValue(response, "retry-after"), "1");
  }
  assert.ok(new Set(whole.map(({ body }) => body.length)).size > 2, "no change was seen");
  assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
});

for (const symlinks of ["inside", "deny"]) {
  test(`a file that is replaced all the time is always there, and whole [--symlinks ${symlinks}]`, async (t) => {
    const dir = makeTempFolder(t);
    const versions = makeVersions([900, 4000, 300_000, 70_000, 1500, 40_000, 10]);
    const path = join(dir, "a.txt");
    writeFileSync(path, versions[0] ?? "");
    const weir = await serve(t, dir, "--symlinks", symlinks);
    const writer = await startWriter(t, { kind: "replace", path, contents: versions });
    const seen = await lookOn(t, weir, "/a.txt", { writer, looks: 600, turns: 200 });
    t.diagnostic(`${writer.turns()} versions; ${countBy(seen, ({ response }) => response.status)}`);
    await writer.stop();
    const tags = new Map<string, number>();
    for (const look of seen) {
      assert.equal(look.response.status, 200);
      assert.ok(versions.some((version) => version.length === look.body.length));
      checkVersion(look, versions, tags);
    }
    assert.ok(tags.size > 2, "no change was seen");
  });
}

test("a file that many ask for is seen as it was for a second at most", async (t) => {
  const dir = makeTempFolder(t);
  const weir = await serve(t, dir);
  const client = await openClient(t, weir);
  const look = async () => (await client.ask("/a.txt")).body.toString();
  writeTree(dir, { "a.txt": "one" });
  for (let asked = 0; asked < 2 * ASKED_OFTEN; asked++) assert.equal(await look(), "one");
  const changedMs = performance.now();
  writeTree(dir, { "a.txt": "two" });
  for (;;) {
    // Asked after a second has passed, nothing old may be the answer.
    const isOver = performance.now() - changedMs > CACHED_MS;
    const text = await look();
    if (text === "two") break;
    assert.ok(!isOver, `${text} a second after it was changed`);
  }
});

/** A download whose client has read a little of it and then stopped. */
interface Download {
  readonly socket: Socket;
  readonly first: Buffer;
}

async function beginDownload(t: TestContext, port: number, requests: string): Promise<Download> {
  const socket = connect({ port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(requests);
  const [first] = await once(socket, "data");
  socket.pause();
  return { socket, first };
}

/** Everything that comes until the server closes. */
async function finishDownload({ socket, first }: Download): Promise<Buffer> {
  const chunks = [first];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, "close");
  socket.resume();
  await closed;
  return Buffer.concat(chunks);
}

function formatGet(target: string, fields = ""): string {
  return `GET ${target} HTTP/1.1\r\nHost: weir.test\r\n${fields}\r\n`;
}

/** What may happen to a file of 64 MiB of the letter a while it is sent. */
const HAPPENINGS: readonly (readonly [string, (path: string) => void])[] = [
  ["cut to a half", (path) => cutTo(path, LARGE_BYTES / 2)],
  ["cut to nothing", (path) => cutTo(path, 0)],
  ["written anew, as long", (path) => writeFileSync(path, Buffer.alloc(LARGE_BYTES, "b"))],
  [
    "written anew, longer, with the same first MiB",
    (path) =>
      writeFileSync(path, Buffer.concat([Buffer.alloc(MIB, "a"), Buffer.alloc(LARGE_BYTES, "b")])),
  ],
];

function cutTo(path: string, lengthBytes: number): void {
  const fd = openSync(path, "r+");
  ftruncateSync(fd, lengthBytes);
  closeSync(fd);
}

for (const [what, happen] of HAPPENINGS) {
  test(`a file that is ${what} while it is sent never seems whole, and no further answer follows`, async (t) => {
    const dir = makeTempFolder(t);
    const path = join(dir, "large.bin");
    writeFileSync(path, Buffer.alloc(LARGE_BYTES, "a"));
    writeTree(dir, { "small.txt": "small" });
    const weir = await serve(t, dir);
    // The second would have to come behind the first.
    const requests = formatGet("/large.bin") + formatGet("/small.txt");
    const download = await beginDownload(t, weir.port, requests);
    happen(path);
    const received = await finishDownload(download);
    const { responses } = splitResponses(received);
    assert.equal(responses.length, 0);
    const body = received.subarray(received.indexOf("\r\n\r\n") + 4);
    assert.ok(body.length > 0 && body.length < LARGE_BYTES, `${body.length} bytes`);
    assert.equal((await requestOnce(weir.port, "/small.txt")).body.toString(), "small");
  });
}

/** Lines of a log when it is first asked for: below and above what is read in one go. */
for (const lineCount of [1000, 20_000]) {
  test(`a log that grows all the time arrives with a length that it had [${lineCount} lines]`, async (t) => {
    const dir = makeTempFolder(t);
    const path = join(dir, "a.log");
    writeFileSync(path, formatLog(lineCount));
    const weir = await serve(t, dir);
    const writer = await startWriter(t, { kind: "append", path, firstLine: lineCount });
    const seen = await lookOn(t, weir, "/a.log", { writer, looks: 300, turns: 50 });
    t.diagnostic(`${writer.turns()} lines; ${countBy(seen, ({ response }) => response.status)}`);
    const log = Buffer.from(formatLog(lineCount + writer.turns() + 1));
    await writer.stop();
    for (const { response, body } of seen) {
      assert.equal(response.status, 200);
      assert.ok(body.length >= lineCount * 16 && log.subarray(0, body.length).equals(body));
    }
    assert.ok(new Set(seen.map(({ body }) => body.length)).size > 2, "it did not grow");
  });
}

test("a folder that is moved away and back while it is listed is there or is not", async (t) => {
  const dir = makeTempFolder(t);
  const names = Array.from({ length: 300 }, (_, index) => `${index}.txt`);
  writeTree(dir, { folder: Object.fromEntries(names.map((name) => [name, name])) });
  const weir = await serve(t, dir);
  const [path, otherPath] = [join(dir, "folder"), join(dir, "other")];
  const writer = await startWriter(t, { kind: "move", path, otherPath });
  const seen = await lookOn(t, weir, "/folder/", { writer, looks: 600, turns: 200 });
  t.diagnostic(`${writer.turns()} moves; ${countBy(seen, ({ response }) => response.status)}`);
  await writer.stop();
  const statuses = new Set(seen.map(({ response }) => response.status));
  assert.deepEqual([...statuses].sort(), [200, 404]);
  const { status, body } = await requestOnce(weir.port, "/folder/");
  assert.equal(status, 200);
  for (const name of names) assert.ok(body.includes(`href="${name}"`), name);
});

/** Requests whose answers are long, each in another way. */
const LONG_ANSWERS: readonly string[] = [
  formatGet("/large.bin"),
  formatGet("/large.bin", "Range: bytes=1000-\r\n"),
  formatGet("/large.bin", "Range: bytes=0-20000000,30000000-60000000\r\n"),
  formatGet("/page.html", "Accept-Encoding: gzip\r\n"),
];

test("300 clients that leave in the middle of a download, of whatever form, take no descriptor with them", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": "", "page.html": "", "page.html.gz": "", "small.txt": "small" });
  for (const name of ["large.bin", "page.html", "page.html.gz"]) {
    // Holes: they take no room on the disk.
    cutTo(join(dir, name), name === "page.html" ? 2 * LARGE_BYTES : LARGE_BYTES);
  }
  const weir = await serve(t, dir, "--client-connections", "1000");
  const pid = weir.child.pid ?? assert.fail("the process has no number");
  await requestOnce(weir.port, "/small.txt");
  await waitUntil("the first client is gone", () => countDescriptors(pid) < 300);
  const before = countDescriptors(pid);
  const downloads = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      beginDownload(t, weir.port, LONG_ANSWERS[index % LONG_ANSWERS.length] ?? ""),
    ),
  );
  for (const { first } of downloads)
    assert.match(first.toString("latin1", 0, 20), /^HTTP\/1.1 20[06] /);
  assert.ok(countDescriptors(pid) > 600, "a socket and a file each");
  for (const [index, { socket }] of downloads.entries()) {
    if (index % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await waitUntil(`as many as before, ${before}`, () => countDescriptors(pid) <= before);
  assert.equal((await requestOnce(weir.port, "/small.txt")).status, 200);
});
