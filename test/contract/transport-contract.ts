// What every transport must do, whatever it moves bytes over: cases that are run on each of them by
// transport.test.ts and transport.full.test.ts. A new form of transport passes all of them.

import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PIECE_BYTES_MAX, SendMemory } from "../../src/transport/send-memory.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { CountingSource } from "../fixtures/counting-source.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import type { TransportSubject } from "../fixtures/transport-pairs.ts";
import { ClientReading, Recorder } from "./transport-ends.ts";

/** More than the buffers of both kernels hold. */
const LARGE_BYTES = 32 * 1024 * 1024;
const SEND_BYTES_MAX = 64 * 1024 * 1024;
/** As it is left to a client that has stalled long enough. */
const QUIET_LOOKS = 5;

interface OpenTransport {
  readonly transport: Transport;
  readonly receiver: Recorder;
  readonly client: Duplex;
  readonly memory: SendMemory;
}

export interface TransportCase {
  readonly name: string;
  run(open: OpenTransport, t: TestContext): Promise<void>;
}

/** Runs a case on a connection of its own; not at all after a skip. */
export async function runTransportCase(
  t: TestContext,
  subject: TransportSubject,
  { run }: TransportCase,
): Promise<void> {
  const memory = new SendMemory(SEND_BYTES_MAX);
  const pair = await subject.open(t, memory);
  if (pair === undefined) return;
  const receiver = new Recorder();
  pair.transport.receiver = receiver;
  await run({ ...pair, receiver, memory }, t);
}

async function untilBehind(transport: Transport): Promise<void> {
  await waitUntil("the client is behind", () => transport.isBehind);
}

/** Looks a few times, as an engine does that waits. */
async function looksStalled(transport: Transport): Promise<void> {
  await waitUntil("no more leaves", async () => {
    for (let look = 0; look < QUIET_LOOKS; look++) {
      if (!transport.hasStalled()) return false;
      for (let turn = 0; turn < 20; turn++) await nextTurn();
    }
    return true;
  });
}

const noBegin = (): void => {};

const RECEIVING: readonly TransportCase[] = [
  {
    name: "what the client sends arrives in its order, whatever becomes of the lent bytes",
    async run({ receiver, client }) {
      const sent = Array.from({ length: 50_000 }, (_, index) => `${index} `).join("");
      for (let at = 0; at < sent.length; at += 30_000) client.write(sent.slice(at, at + 30_000));
      await waitUntil("all of it is there", () => receiver.text.length === sent.length);
      assert.ok(receiver.text === sent);
    },
  },
  {
    name: "a receiver that is replaced gets nothing more, the next one all",
    async run({ transport, receiver, client }) {
      client.write("first");
      await waitUntil("the first is there", () => receiver.text === "first");
      const next = new Recorder();
      transport.receiver = next;
      client.end("second");
      await waitUntil("the end is there", () => next.has("end"));
      transport.end();
      await waitUntil("it is closed", () => next.has("closed"));
      assert.deepEqual([receiver.text, next.text], ["first", "second"]);
      assert.deepEqual(receiver.events, []);
    },
  },
  {
    name: "paused it receives little more, resumed all that was sent",
    async run({ transport, receiver, client }) {
      transport.pause();
      const sent = "0123456789abcdef".repeat(LARGE_BYTES / 16);
      client.write(sent);
      for (let turn = 0; turn < 200; turn++) await nextTurn();
      assert.ok(receiver.text.length < sent.length / 2, `${receiver.text.length} bytes came`);
      transport.resume();
      await waitUntil("all of it is there", () => receiver.text.length === sent.length);
    },
  },
  {
    name: "after the client's end it can still be written to",
    async run({ transport, receiver, client }) {
      const reading = new ClientReading(client);
      client.end("question");
      await waitUntil("the end is there", () => receiver.has("end"));
      assert.equal(receiver.text, "question");
      transport.write("answer");
      transport.end();
      assert.equal(String(await reading.upToEnd()), "answer");
      await waitUntil("it is closed", () => receiver.has("closed"));
      assert.deepEqual(receiver.events, ["end", "sent end", "closed"]);
    },
  },
  {
    name: "after our end the client can still send",
    async run({ transport, receiver, client }) {
      const reading = new ClientReading(client);
      transport.write("all");
      transport.end();
      assert.equal(String(await reading.upToEnd()), "all");
      await waitUntil("the end was sent", () => receiver.has("sent end"));
      client.end("late");
      await waitUntil("the end is there", () => receiver.has("end"));
      assert.equal(receiver.text, "late");
    },
  },
  {
    name: "`closed` comes once for a client that has gone, and nothing can be written to it",
    async run({ transport, receiver, client }) {
      const reading = new ClientReading(client);
      transport.write("x");
      await reading.upTo(1);
      client.destroy();
      await waitUntil("it is known", () => {
        transport.write("y");
        return transport.isGone;
      });
      transport.destroy();
      await waitUntil("it is closed", () => receiver.has("closed"));
      assert.equal(await transport.send([Buffer.from("z")]), false);
      assert.equal(await transport.sendBytes("", Buffer.from("z")), 0);
      await nextTurn();
      assert.deepEqual(
        receiver.events.filter((event) => event !== "end"),
        ["closed"],
      );
    },
  },
  {
    name: "destroy ends both directions, and holds nothing any more",
    async run({ transport, receiver, client, memory }) {
      const sending = transport.sendBytes("", Buffer.alloc(LARGE_BYTES));
      await untilBehind(transport);
      assert.ok(memory.bytes > 0);
      transport.destroy();
      assert.ok((await sending) < LARGE_BYTES);
      await waitUntil("it is closed", () => receiver.has("closed"));
      assert.deepEqual(receiver.events, ["closed"]);
      assert.equal(memory.bytes, 0);
      client.resume();
      await waitUntil("the client knows", () => client.destroyed || client.readableEnded);
    },
  },
  {
    name: "an end that has not left when the connection breaks is not reported as sent",
    async run({ transport, receiver }) {
      transport.write(Buffer.alloc(LARGE_BYTES));
      await untilBehind(transport);
      transport.end();
      transport.destroy();
      await waitUntil("it is closed", () => receiver.has("closed"));
      await nextTurn();
      assert.deepEqual(receiver.events, ["closed"]);
    },
  },
];

const WRITING: readonly TransportCase[] = [
  {
    name: "text and bytes arrive in the order of their writing, held together or not",
    async run({ transport, client }) {
      const reading = new ClientReading(client);
      transport.write("1\xff");
      transport.hold();
      assert.equal(transport.write(Buffer.from("2")), false);
      transport.hold();
      transport.write("3");
      transport.release();
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      assert.ok(reading.bytes <= 2);
      assert.equal(await Promise.race([transport.send([Buffer.from("4")]), "held"]), "held");
      transport.write("5");
      transport.release();
      transport.end();
      assert.equal((await reading.upToEnd()).toString("latin1"), "1\xff2345");
    },
  },
  {
    name: "what was sent and taken is no longer held",
    async run({ transport, client, memory }) {
      const reading = new ClientReading(client);
      for (let index = 0; index < 100; index++) {
        assert.equal(await transport.send([Buffer.alloc(70_000), Buffer.alloc(1)]), true);
      }
      await reading.upTo(7_000_100);
      await waitUntil("nothing is held", () => {
        transport.hasStalled();
        return memory.bytes === 0;
      });
      assert.equal(transport.isBehind, false);
    },
  },
  {
    name: "for a client that does not read it is full, and says once when all has left",
    async run({ transport, receiver, client, memory }) {
      let writtenBytes = 0;
      while (!transport.isFull) {
        transport.write(Buffer.alloc(100_000));
        writtenBytes += 100_000;
        await nextTurn();
      }
      transport.awaitDrain();
      await looksStalled(transport);
      assert.ok(memory.bytes > 0);
      assert.equal(receiver.has("drained"), false);
      await new ClientReading(client).upTo(writtenBytes);
      await waitUntil("it is drained", () => receiver.has("drained"));
      assert.equal(transport.isFull, false);
      assert.equal(transport.hasStalled(), false);
      transport.write("more");
      await nextTurn();
      assert.deepEqual(receiver.events, ["drained"]);
    },
  },
];

const SENDING: readonly TransportCase[] = [
  {
    name: "a part of a source arrives whole behind its head, at every length [to 3 pieces]",
    async run({ transport, client }) {
      const reading = new ClientReading(client);
      const lengths = [0, 1, PIECE_BYTES_MAX - 4, PIECE_BYTES_MAX - 3, 3 * PIECE_BYTES_MAX + 7];
      const source = new CountingSource(4 * PIECE_BYTES_MAX);
      const expected: Buffer[] = [];
      for (const lengthBytes of lengths.slice(1)) {
        const part = { source, offsetBytes: 70, lengthBytes };
        assert.equal(await transport.sendSource("he\xff", part, noBegin), lengthBytes);
        expected.push(Buffer.from("he\xff", "latin1"), source.bytes.subarray(70, 70 + lengthBytes));
        assert.equal(await transport.sendBytes("he\xff", source.bytes), source.bytes.length);
        expected.push(Buffer.from("he\xff", "latin1"), source.bytes);
      }
      transport.end();
      assert.ok((await reading.upToEnd()).equals(Buffer.concat(expected)));
      assert.equal(source.closedCount, 0);
    },
  },
  {
    name: "of a source is read no more than one piece ahead of what is taken",
    async run({ transport, client, memory }) {
      const source = new CountingSource(LARGE_BYTES);
      const whole = { source, offsetBytes: 0, lengthBytes: LARGE_BYTES };
      const sending = transport.sendSource("head", whole, noBegin);
      await untilBehind(transport);
      await looksStalled(transport);
      assert.ok(memory.bytes <= PIECE_BYTES_MAX, `${memory.bytes} bytes are held`);
      const reading = new ClientReading(client);
      assert.equal(await sending, LARGE_BYTES);
      transport.end();
      const all = await reading.upToEnd();
      assert.ok(all.subarray(4).equals(source.bytes));
    },
  },
  {
    name: "a source that fails or has changed before anything left is an error, and nothing leaves",
    async run({ transport, client, memory }) {
      const reading = new ClientReading(client);
      const broken = new CountingSource(100);
      broken.brokenAt = 0;
      const part = { source: broken, offsetBytes: 0, lengthBytes: 100 };
      let begunCount = 0;
      const onBegin = () => begunCount++;
      await assert.rejects(
        async () => transport.sendSource("head", part, onBegin),
        /the disk is broken/,
      );
      const changed = new CountingSource(100);
      changed.hasChanged = true;
      const changedPart = { source: changed, offsetBytes: 0, lengthBytes: 100 };
      await assert.rejects(async () => transport.sendSource("head", changedPart, onBegin), {
        name: "SourceChangedError",
      });
      const short = new CountingSource(100);
      short.endsAt = 50;
      const shortPart = { source: short, offsetBytes: 0, lengthBytes: 100 };
      await assert.rejects(async () => transport.sendSource("head", shortPart, onBegin), {
        name: "SourceChangedError",
      });
      assert.equal(begunCount, 0);
      transport.write("instead");
      await waitUntil("nothing is held", () => {
        transport.hasStalled();
        return memory.bytes === 0;
      });
      transport.end();
      assert.equal(String(await reading.upToEnd()), "instead");
    },
  },
  {
    name: "a source that fails, ends or changes on the way is sent short",
    async run({ transport, client }) {
      new ClientReading(client);
      const lengthBytes = 4 * PIECE_BYTES_MAX;
      const happenings: ((source: CountingSource) => void)[] = [
        (source) => {
          source.brokenAt = 2 * PIECE_BYTES_MAX;
        },
        (source) => {
          source.endsAt = 2 * PIECE_BYTES_MAX + 1;
        },
        (source) => {
          source.hasChanged = true;
        },
      ];
      for (const happen of happenings) {
        const source = new CountingSource(lengthBytes);
        happen(source);
        let begunCount = 0;
        const part = { source, offsetBytes: 0, lengthBytes };
        const sentBytes = await transport.sendSource("head", part, () => begunCount++);
        assert.ok(sentBytes > 0 && sentBytes < lengthBytes, `${sentBytes} bytes`);
        assert.equal(begunCount, 1);
      }
    },
  },
  {
    name: "a client that leaves in the middle of a body ends the sending of it",
    async run({ transport, receiver, client }) {
      const source = new CountingSource(LARGE_BYTES);
      const part = { source, offsetBytes: 0, lengthBytes: LARGE_BYTES };
      const sending = transport.sendSource("", part, noBegin);
      await untilBehind(transport);
      client.destroy();
      assert.ok((await sending) < LARGE_BYTES);
      transport.destroy();
      await waitUntil("it is closed", () => receiver.has("closed"));
    },
  },
  {
    name: "a client stalls that takes nothing, and not one that takes some",
    async run({ transport, client }) {
      assert.equal(transport.hasStalled(), false);
      const sending = transport.sendBytes("", Buffer.alloc(LARGE_BYTES));
      await untilBehind(transport);
      await looksStalled(transport);
      // As much as makes room in both kernels.
      const reading = new ClientReading(client);
      await reading.upTo(LARGE_BYTES / 4);
      client.pause();
      await waitUntil("some was taken", () => !transport.hasStalled());
      await looksStalled(transport);
      client.resume();
      assert.equal(await sending, LARGE_BYTES);
    },
  },
  {
    name: "one whose client takes nothing is ended when its room is wanted",
    async run({ transport, receiver, memory }) {
      const sending = transport.sendBytes("", Buffer.alloc(LARGE_BYTES));
      await untilBehind(transport);
      await looksStalled(transport);
      const other = { endForRoom: () => {} };
      memory.hold(other, SEND_BYTES_MAX - memory.bytes + 1, undefined);
      assert.equal(transport.isGone, true);
      assert.ok((await sending) < LARGE_BYTES);
      await waitUntil("it is closed", () => receiver.has("closed"));
      memory.release(other);
      assert.equal(memory.bytes, 0);
    },
  },
];

export const TRANSPORT_CASES: readonly TransportCase[] = [...RECEIVING, ...WRITING, ...SENDING];
