// What a connection does when time passes, by a clock that the test moves: deadlines of clients that
// are slow to send, to read or to close, and the grace of a server that drains.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, textReply } from "../../src/http/reply.ts";
import { httpLimits } from "../../src/transport/engine.ts";
import { CountingSource } from "../fixtures/counting-source.ts";
import { answerWithTarget, MemoryConnection, request } from "../fixtures/memory-connection.ts";
import { fieldValue } from "../fixtures/raw-response.ts";

const { headTimeoutMs, idleTimeoutMs, stallTimeoutMs, lingerTimeoutMs, drainGraceMs } = httpLimits;
/** The clock moves in steps of 250 ms; a deadline is seen with the step that reaches it. */
const STEP_MS = 250;

test("a head that stays incomplete gets 408 after 10 s, and the connection ends", async () => {
  const memory = new MemoryConnection();
  await memory.send("GET / HTTP/1.1\r\nHost: weir.test\r\n");
  await memory.pass(headTimeoutMs - STEP_MS);
  assert.equal(memory.received().length, 0);
  await memory.pass(STEP_MS);
  const [response] = memory.responses();
  assert.equal(response?.status, 408);
  assert.ok(response !== undefined && fieldValue(response, "connection") === "close");
  assert.equal(memory.hasEnded, true);
});

test("bytes that trickle in do not put the head's deadline off [one every 2 s]", async () => {
  const memory = new MemoryConnection();
  for (const byte of "GET /") {
    await memory.send(byte);
    await memory.pass(headTimeoutMs / 5);
  }
  assert.equal(memory.responses()[0]?.status, 408);
});

test("the head's deadline begins with its first byte, not with the connection [9 s later]", async () => {
  const memory = new MemoryConnection();
  await memory.pass(headTimeoutMs - 1000);
  await memory.send("GET /a HTTP/1.1\r\n");
  await memory.pass(headTimeoutMs - 1000);
  await memory.send("Host: weir.test\r\n\r\n");
  assert.deepEqual(memory.bodies(), ["/a"]);
});

test("a second request has a deadline of its own, even when its start came with the first", async () => {
  const memory = new MemoryConnection();
  await memory.send(`${request("/1")}GET /2 HTTP/1.1\r\n`);
  await memory.pass(headTimeoutMs - STEP_MS);
  await memory.send("Host: weir.test\r\n\r\n");
  assert.deepEqual(memory.bodies(), ["/1", "/2"]);
  await memory.send("GET /3 HTTP/1.1\r\n");
  await memory.pass(headTimeoutMs);
  assert.equal(memory.responses().at(-1)?.status, 408);
});

test("a connection that never sends anything ends without a word after 10 s", async () => {
  const memory = new MemoryConnection();
  await memory.pass(headTimeoutMs - STEP_MS);
  assert.equal(memory.hasEnded, false);
  await memory.pass(STEP_MS);
  assert.equal(memory.hasEnded, true);
  assert.equal(memory.received().length, 0);
});

test("an idle connection ends without a word 5 s after its last answer", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1"));
  await memory.pass(idleTimeoutMs - STEP_MS);
  await memory.send(request("/2"));
  await memory.pass(idleTimeoutMs - STEP_MS);
  assert.equal(memory.hasEnded, false);
  await memory.pass(STEP_MS);
  assert.equal(memory.hasEnded, true);
  assert.deepEqual(memory.bodies(), ["/1", "/2"]);
});

test("an answer that takes long to make is waited for [100 s]", async () => {
  const answer = Promise.withResolvers<Reply>();
  const memory = new MemoryConnection(() => answer.promise);
  await memory.send(request("/1"));
  await memory.pass(100_000);
  answer.resolve(textReply(200, "text/plain", "late"));
  await memory.settle();
  assert.deepEqual(memory.bodies(), ["late"]);
});

/** Bodies larger than what a stream takes at once. */
const LARGE: readonly (readonly [string, (source: CountingSource) => Reply])[] = [
  ["file", (source) => source.reply()],
  [
    "listing",
    ({ bytes }) => ({
      status: 200,
      fields: [],
      body: { kind: "parts", parts: [0, 1, 2].map(() => bytes.toString("latin1")) },
    }),
  ],
];

for (const [kind, makeReply] of LARGE) {
  test(`a reader of a ${kind} that takes nothing for 5 min is cut off`, async () => {
    const source = new CountingSource(1_000_000);
    const memory = new MemoryConnection(() => makeReply(source), { isReading: false });
    await memory.send(request("/1"));
    await memory.pass(stallTimeoutMs - STEP_MS);
    assert.equal(memory.stream.destroyed, false);
    await memory.pass(2 * STEP_MS);
    assert.equal(memory.stream.destroyed, true);
    assert.deepEqual(
      memory.finished.map(({ sent }) => sent?.isComplete),
      [false],
    );
    assert.equal(memory.closedCount, 1);
    if (kind === "file") assert.equal(source.closedCount, 1);
  });
}

test("a reader that takes a little every 299 s gets the whole file", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply(), { isReading: false });
  await memory.send(request("/1"));
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes < source.bytes.length; ) {
    await memory.pass(stallTimeoutMs - 1000);
    const piece = memory.client.read() as Buffer | null;
    assert.ok(piece !== null, `nothing to read after ${bytes} bytes`);
    pieces.push(piece);
    bytes += piece.length;
    await memory.settle();
  }
  const received = Buffer.concat(pieces);
  assert.ok(received.subarray(received.indexOf("\r\n\r\n") + 4).equals(source.bytes));
});

test("a client that never reads its many small answers is cut off", async () => {
  const memory = new MemoryConnection(answerWithTarget, { isReading: false });
  await memory.send(request("/1").repeat(2000));
  assert.ok(memory.targets.length < 2000);
  await memory.pass(stallTimeoutMs + STEP_MS);
  assert.equal(memory.stream.destroyed, true);
  assert.equal(memory.closedCount, 1);
});

test("after its end the server waits 2 s for the client to close", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1", "Connection: close\r\n"));
  assert.equal(memory.hasEnded, true);
  await memory.pass(lingerTimeoutMs - STEP_MS);
  assert.equal(memory.closedCount, 0);
  await memory.pass(STEP_MS);
  assert.equal(memory.closedCount, 1);
});

/** Reads what there is, a little at a time, until the server waits for the client to close. */
async function readUntilLastPiece(memory: MemoryConnection): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  while (memory.finished.length === 0) {
    const piece = memory.client.read() as Buffer | null;
    if (piece !== null) pieces.push(piece);
    await memory.settle();
  }
  assert.ok(memory.stream.writableLength > 0, "something is left to send");
  return pieces;
}

function bodyOf(pieces: readonly Buffer[]): Buffer {
  const all = Buffer.concat(pieces);
  return all.subarray(all.indexOf("\r\n\r\n") + 4);
}

test("a client that ends its side while the last piece is on its way still gets it", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply(), { isReading: false });
  await memory.send(request("/1", "Connection: close\r\n"));
  const pieces = await readUntilLastPiece(memory);
  memory.client.end();
  await memory.settle();
  await memory.pass(lingerTimeoutMs * 2);
  memory.client.on("data", (piece: Buffer) => pieces.push(piece));
  await memory.settle();
  assert.ok(bodyOf(pieces).equals(source.bytes));
  assert.equal(memory.closedCount, 1);
});

test("a client has as long for what it was sent last as for the rest [the last piece after 299 s]", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply(), { isReading: false });
  await memory.send(request("/1"));
  const pieces = await readUntilLastPiece(memory);
  await memory.pass(stallTimeoutMs - 1000);
  memory.client.on("data", (piece: Buffer) => pieces.push(piece));
  await memory.settle();
  assert.ok(bodyOf(pieces).equals(source.bytes));
});

test("after a large answer the server waits as long for the close as a reader may stall", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply());
  await memory.send(request("/1", "Connection: close\r\n"));
  assert.equal(memory.hasEnded, true);
  await memory.pass(stallTimeoutMs - STEP_MS);
  assert.equal(memory.closedCount, 0);
  await memory.pass(STEP_MS);
  assert.equal(memory.closedCount, 1);
});

test("a small answer after a large one shows that the large one was read: 2 s again", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(({ rawTarget }) =>
    rawTarget === "/1" ? source.reply() : textReply(200, "text/plain", "small"),
  );
  await memory.send(request("/1"));
  await memory.send(request("/2", "Connection: close\r\n"));
  assert.equal(memory.hasEnded, true);
  await memory.pass(lingerTimeoutMs);
  assert.equal(memory.closedCount, 1);
});

test("a server that drains does not wait for who has got a large answer, and may be reading it", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply());
  await memory.send(request("/1", "Connection: close\r\n"));
  memory.connection.drain();
  await memory.pass(lingerTimeoutMs);
  assert.equal(memory.closedCount, 1);
});

test("an answer that took long to make may be read as slowly as any other [made after 299 s]", async () => {
  const source = new CountingSource(600_000);
  const answer = Promise.withResolvers<Reply>();
  const memory = new MemoryConnection(() => answer.promise, { isReading: false });
  await memory.send(request("/1"));
  await memory.pass(stallTimeoutMs - 1000);
  answer.resolve(source.reply());
  await memory.settle();
  await memory.pass(stallTimeoutMs - 1000);
  assert.equal(memory.stream.destroyed, false);
  memory.read();
  await memory.settle();
  assert.ok(memory.responses()[0]?.body.equals(source.bytes));
});

test("after its end the server closes as soon as the client has", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1", "Connection: close\r\n"));
  memory.client.end();
  await memory.settle();
  assert.equal(memory.closedCount, 1);
});

test("what a refused client goes on sending is thrown away, up to 1 MiB", async () => {
  const memory = new MemoryConnection();
  const chunk = "x".repeat(64 * 1024);
  await memory.send("broken\r\n\r\n");
  for (let sentBytes = 0; sentBytes < httpLimits.lingerBytesMax; sentBytes += chunk.length) {
    await memory.send(chunk);
  }
  assert.equal(memory.stream.destroyed, false);
  assert.ok(memory.stream.readableLength <= chunk.length);
  await memory.send(chunk);
  assert.equal(memory.stream.destroyed, true);
  assert.equal(memory.responses()[0]?.status, 400);
});

test("a server that drains ends an idle connection without a word after half a second", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1"));
  memory.connection.drain();
  await memory.pass(drainGraceMs - STEP_MS);
  assert.equal(memory.hasEnded, false);
  await memory.pass(STEP_MS);
  assert.equal(memory.hasEnded, true);
  assert.deepEqual(memory.bodies(), ["/1"]);
});

test("a request that comes while the server drains is answered with Connection: close", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1"));
  memory.connection.drain();
  await memory.send(request("/2") + request("/3"));
  const [first, second, ...others] = memory.responses();
  assert.deepEqual(first?.fields.get("connection"), ["keep-alive"]);
  assert.deepEqual(second?.fields.get("connection"), ["close"]);
  assert.equal(others.length, 0);
  assert.equal(memory.hasEnded, true);
});

test("an answer in progress is finished while the server drains, and the connection ends then", async () => {
  const source = new CountingSource(600_000);
  const memory = new MemoryConnection(() => source.reply(), { isReading: false });
  await memory.send(request("/1"));
  memory.connection.drain();
  await memory.pass(10_000);
  memory.read();
  await memory.settle();
  await memory.pass(drainGraceMs);
  assert.ok(memory.responses()[0]?.body.equals(source.bytes));
  assert.equal(memory.hasEnded, true);
});

test("an answer that is still being made when draining begins says close", async () => {
  const answer = Promise.withResolvers<Reply>();
  const memory = new MemoryConnection(() => answer.promise);
  await memory.send(request("/1"));
  memory.connection.drain();
  await memory.pass(5000);
  answer.resolve(textReply(200, "text/plain", "made"));
  await memory.settle();
  assert.deepEqual(memory.responses()[0]?.fields.get("connection"), ["close"]);
  assert.equal(memory.hasEnded, true);
});
