// Large files, many requests and clients that leave, through the real command: memory and descriptors
// stay bounded, and a file that changes while it is sent never arrives as a mixture.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, ftruncateSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestOnce } from "../../fixtures/one-request.ts";
import {
  countDescriptors,
  HAS_PROC,
  readPeakMemoryBytes,
  waitUntil,
} from "../../fixtures/process-facts.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";

const MIB = 1024 * 1024;
const LARGE_BYTES = 50 * MIB;
/** What a server takes for itself and for answers on their way; a file in memory would be more. */
const MEMORY_GROWTH_BYTES_MAX = 40 * MIB;

/** Not the same in any two places. */
const LARGE = randomBytes(LARGE_BYTES);

function serve(t: TestContext, dir: string): Promise<WeirProcess> {
  return startWeir(t, { dir, args: ["--rate", "off", "--workers", "1"] });
}

function pidOf({ child }: WeirProcess): number {
  return child.pid ?? assert.fail("the process has no number");
}

/** A request whose answer the client does not read before it is told to. */
async function requestUnread(t: TestContext, port: number, target: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  socket.pause();
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(`GET ${target} HTTP/1.1\r\nHost: weir.test\r\nConnection: close\r\n\r\n`);
  return socket;
}

/** The first of the answer; the socket is paused again. */
function readSome(socket: Socket): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  socket.once("data", (chunk: Buffer) => {
    socket.pause();
    resolve(chunk);
  });
  socket.resume();
  return promise;
}

/** Everything up to the end, or up to a reset. */
async function readRest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(chunks);
}

function bodyOf(response: Buffer): Buffer {
  return response.subarray(response.indexOf("\r\n\r\n") + 4);
}

test("a file of 50 MiB arrives as it is and is never held in memory", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE, "small.txt": "small" });
  const weir = await serve(t, dir);
  await requestOnce(weir.port, "/small.txt");
  const beforeBytes = HAS_PROC ? readPeakMemoryBytes(pidOf(weir)) : 0;
  const { status, body } = await requestOnce(weir.port, "/large.bin");
  assert.equal(status, 200);
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(digest(body), digest(LARGE));
  if (!HAS_PROC) return;
  const grownBytes = readPeakMemoryBytes(pidOf(weir)) - beforeBytes;
  t.diagnostic(`memory grew by ${(grownBytes / MIB).toFixed(1)} MiB`);
  assert.ok(grownBytes < MEMORY_GROWTH_BYTES_MAX, `${grownBytes} bytes more`);
});

test("a file that is cut short while it is sent ends the connection, and the server goes on", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE });
  const weir = await serve(t, dir);
  const socket = await requestUnread(t, weir.port, "/large.bin");
  const first = await readSome(socket);
  assert.match(first.toString("latin1"), /Content-Length: 52428800\r\n/);
  const fd = openSync(join(dir, "large.bin"), "r+");
  ftruncateSync(fd, 100);
  closeSync(fd);
  const body = bodyOf(Buffer.concat([first, await readRest(socket)]));
  assert.ok(body.length < LARGE_BYTES, `${body.length} bytes`);
  assert.equal((await requestOnce(weir.port, "/large.bin")).body.length, 100);
});

test("a file that is replaced while it is sent arrives in the version that was asked for", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE, "new.bin": "new" });
  const weir = await serve(t, dir);
  const socket = await requestUnread(t, weir.port, "/large.bin");
  const first = await readSome(socket);
  renameSync(join(dir, "new.bin"), join(dir, "large.bin"));
  const body = bodyOf(Buffer.concat([first, await readRest(socket)]));
  assert.ok(body.equals(LARGE));
  assert.equal((await requestOnce(weir.port, "/large.bin")).body.toString(), "new");
});

test("a file that is overwritten in place while it is sent never arrives as a mixture", async (t) => {
  const dir = makeTempFolder(t);
  const path = join(dir, "large.bin");
  writeFileSync(path, Buffer.alloc(LARGE_BYTES, "a"));
  const weir = await serve(t, dir);
  const socket = await requestUnread(t, weir.port, "/large.bin");
  const first = await readSome(socket);
  const fd = openSync(path, "r+");
  writeSync(fd, Buffer.alloc(LARGE_BYTES, "b"));
  closeSync(fd);
  const body = bodyOf(Buffer.concat([first, await readRest(socket)]));
  const isWhole = body.length === LARGE_BYTES;
  assert.ok(!isWhole || body.equals(Buffer.alloc(LARGE_BYTES, "a")), "whole, and of two versions");
  assert.equal(isWhole, false, "the kernel held no 50 MiB: the new version was met");
});

test("a small file that is replaced all the time is always of one version [300 requests]", async (t) => {
  const dir = makeTempFolder(t);
  const path = join(dir, "page.html");
  const versions = ["a", "b"].map((letter, index) => letter.repeat(30_000 + 1000 * index));
  writeFileSync(path, versions[0] ?? "");
  const weir = await serve(t, dir);
  let isDone = false;
  const writing = (async () => {
    for (let turn = 0; !isDone; turn++) {
      writeFileSync(`${path}.new`, versions[turn % 2] ?? "");
      renameSync(`${path}.new`, path);
      await new Promise(setImmediate);
    }
  })();
  for (let left = 300; left > 0; left--) {
    const { status, body } = await requestOnce(weir.port, "/page.html");
    assert.equal(status, 200);
    assert.ok(versions.includes(body.toString()), `${body.length} bytes of no version`);
  }
  isDone = true;
  await writing;
});

test("200 clients that leave in the middle of a file take no descriptor with them", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE, "a.txt": "a" });
  const weir = await serve(t, dir);
  const pid = pidOf(weir);
  await requestOnce(weir.port, "/a.txt");
  await waitUntil("the first client is gone", () => countDescriptors(pid) < 200);
  const before = countDescriptors(pid);
  for (const leave of ["destroy", "resetAndDestroy"] as const) {
    const sockets = await Promise.all(
      Array.from({ length: 200 }, () => requestUnread(t, weir.port, "/large.bin")),
    );
    await Promise.all(sockets.map(readSome));
    assert.ok(countDescriptors(pid) >= before + 390, "a socket and a file each");
    for (const socket of sockets) socket[leave]();
    await waitUntil(
      `as many descriptors as before, ${before}`,
      () => countDescriptors(pid) <= before,
    );
  }
  assert.equal((await requestOnce(weir.port, "/a.txt")).status, 200);
});

const PIPELINED_COUNT = 2000;
const PIPELINED_BYTES = 64 * 1024;

/** Checks answers that are all the same, one after the other, without keeping them. */
class RepeatedAnswerReader {
  answerCount = 0;
  readonly #content: Buffer;
  #rest = Buffer.alloc(0);

  constructor(content: Buffer) {
    this.#content = content;
  }

  get restBytes(): number {
    return this.#rest.length;
  }

  add(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const bodyStart = this.#rest.indexOf("\r\n\r\n") + 4;
      const bodyEnd = bodyStart + this.#content.length;
      if (bodyStart < 4 || this.#rest.length < bodyEnd) return;
      assert.ok(this.#rest.toString("latin1", 0, bodyStart).startsWith("HTTP/1.1 200 OK\r\n"));
      assert.ok(this.#rest.subarray(bodyStart, bodyEnd).equals(this.#content));
      this.#rest = this.#rest.subarray(bodyEnd);
      this.answerCount++;
    }
  }
}

test("2,000 pipelined requests of a client that does not read take little memory; then all are answered", async (t) => {
  const dir = makeTempFolder(t);
  const content = LARGE.subarray(0, PIPELINED_BYTES);
  writeTree(dir, { "a.bin": content });
  const weir = await serve(t, dir);
  await requestOnce(weir.port, "/a.bin");
  const beforeBytes = HAS_PROC ? readPeakMemoryBytes(pidOf(weir)) : 0;
  const socket = connect({ port: weir.port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.pause();
  socket.end("GET /a.bin HTTP/1.1\r\nHost: weir.test\r\n\r\n".repeat(PIPELINED_COUNT));
  // Time for a server without bounds to take too much on; one with bounds needs none.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const reader = new RepeatedAnswerReader(content);
  socket.on("data", (chunk: Buffer) => reader.add(chunk));
  socket.resume();
  await once(socket, "close");
  assert.deepEqual([reader.answerCount, reader.restBytes], [PIPELINED_COUNT, 0]);
  if (!HAS_PROC) return;
  const grownBytes = readPeakMemoryBytes(pidOf(weir)) - beforeBytes;
  t.diagnostic(`memory grew by ${(grownBytes / MIB).toFixed(1)} MiB`);
  assert.ok(grownBytes < MEMORY_GROWTH_BYTES_MAX, `${grownBytes} bytes more`);
});
