// What is held of answers that their clients do not read, by the kind of their bodies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, textReply } from "../src/http/reply.ts";
import { PIECE_BYTES_MAX, SendMemory } from "../src/transport/send-memory.ts";
import { CountingSource } from "./fixtures/counting-source.ts";
import { MemoryConnection, request } from "./fixtures/memory-connection.ts";

/** Answers of each kind that their client does not read, with what of them is held. */
const UNREAD: readonly (readonly [string, () => Reply, number])[] = [
  ["a source", () => new CountingSource(600_000).reply(), PIECE_BYTES_MAX],
  [
    "parts",
    () => ({
      status: 200,
      fields: [],
      body: { kind: "parts", parts: Array(9).fill("x".repeat(90_000)) },
    }),
    180_000,
  ],
  [
    "bytes that are kept by others, too",
    () => ({ status: 200, fields: [], body: { kind: "bytes", bytes: Buffer.alloc(500_000) } }),
    500_000 + PIECE_BYTES_MAX,
  ],
];

for (const [kind, reply, bytesMax] of UNREAD) {
  test(`an answer of ${kind} counts until its client has read it`, async () => {
    const sendMemory = new SendMemory(10_000_000);
    const memory = new MemoryConnection(reply, { isReading: false, sendMemory });
    await memory.send(request("/1"));
    await memory.pass(250);
    assert.ok(sendMemory.bytes > 0 && sendMemory.bytes <= bytesMax, `${sendMemory.bytes} bytes`);
    memory.read();
    await memory.settle();
    await memory.pass(500);
    assert.equal(memory.finished[0]?.sent?.isComplete, true);
    assert.equal(sendMemory.bytes, 0);
  });
}

test("small answers that were asked for together count, too, and none when the client is gone", async () => {
  const sendMemory = new SendMemory(10_000_000);
  const reply = () => textReply(200, "text/plain", "x".repeat(20_000));
  const memory = new MemoryConnection(reply, { isReading: false, sendMemory });
  await memory.send(request("/1").repeat(10));
  assert.ok(sendMemory.bytes > 60_000, `${sendMemory.bytes} bytes`);
  memory.client.destroy();
  await memory.settle();
  assert.equal(sendMemory.bytes, 0);
});

test("of two readers that stall the first is cut off when the second needs the room", async () => {
  const sendMemory = new SendMemory(200_000);
  const open = async () => {
    const source = new CountingSource(600_000);
    const memory = new MemoryConnection(() => source.reply(), { isReading: false, sendMemory });
    await memory.send(request("/1"));
    return memory;
  };
  const first = await open();
  const others = [await open(), await open(), await open(), await open(), await open()];
  const more = await Promise.all(Array.from({ length: 20 }, open));
  assert.equal(first.stream.destroyed, true);
  assert.deepEqual(
    first.finished.map(({ sent }) => sent?.isComplete),
    [false],
  );
  assert.equal(more.at(-1)?.stream.destroyed, false);
  assert.ok(sendMemory.bytes <= 200_000);
  for (const memory of [...others, ...more]) memory.client.destroy();
});
