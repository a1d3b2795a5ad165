// A folder as a zip, through the real command: its fields and its count, and that it is never taken for whole
// when it is not. What is in it is read by other programs in zip-readers.full.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { requestListing, requestOnce } from "../../fixtures/one-request.ts";
import {
  countDescriptors,
  HAS_PROC,
  readPeakMemoryBytes,
  waitUntil,
} from "../../fixtures/process-facts.ts";
import { rawExchange } from "../../fixtures/raw-client.ts";
import { fieldValue } from "../../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";
import { fetchZip, startWithZip, UNLIMITED } from "../../fixtures/zip-server.ts";

const MIB = 1024 * 1024;

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
  // The connections of the two requests are closed soon, not at once.
  const heldMax = before + 2 * sockets.length;
  await waitUntil(`${heldMax} at most`, () => countDescriptors(pid) <= heldMax);
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
  const told = /^weir: the zip of "[^"]+" was cut short: the file changed while it was read$/m;
  await waitUntil("the operator reads why", () => told.test(weir.stderr()));
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
  const told = /the zip of "[^"]+" was cut short: folders more than 100 deep are no zip/;
  await waitUntil("the operator reads why", () => told.test(weir.stderr()));
});
