import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemorySocket } from "../../test/fixtures/memory-socket.ts";
import { binaryHeader, textHeader } from "../../test/fixtures/proxy-headers.ts";
import { NodeTransport } from "./node-transport.ts";
import { type ProxiedClient, ProxiedStart } from "./proxy-protocol.ts";
import { SendMemory } from "./send-memory.ts";
import type { TransportReceiver } from "./transport.ts";

const REQUEST = Buffer.from("GET / HTTP/1.1\r\n\r\n");
const LIMITS = { headTimeoutMs: 10_000, drainGraceMs: 500 };

/** Counts what still passes through it. */
class CountedStart extends ProxiedStart {
  receivedCount = 0;

  override receive(bytes: Buffer, lengthBytes: number): void {
    this.receivedCount++;
    super.receive(bytes, lengthBytes);
  }
}

/** A beginning on a stream in memory, and what came of it. */
class Beginning implements TransportReceiver {
  readonly client: MemorySocket;
  readonly transport: NodeTransport;
  readonly start: CountedStart;
  readonly outcomes: (ProxiedClient | "wrong")[] = [];
  nowMs = 1000;
  received = "";
  /** How often the start was closed; the next is that of its successor. */
  closedCount = 0;
  nextClosedCount = 0;
  readonly #lent = Buffer.alloc(64 * 1024);

  constructor() {
    const [client, stream] = MemorySocket.createPair();
    this.client = client;
    client.on("error", () => {});
    client.resume();
    stream.resume();
    this.transport = new NodeTransport(stream, new SendMemory(1024), "calls");
    this.start = new CountedStart({
      transport: this.transport,
      limits: LIMITS,
      monotonicMs: () => this.nowMs,
      onHeader: (outcome) => {
        this.outcomes.push(outcome);
        this.transport.receiver = this;
      },
      onClosed: () => {
        this.closedCount++;
      },
    });
  }

  receive(bytes: Buffer, lengthBytes: number): void {
    this.received += bytes.toString("latin1", 0, lengthBytes);
  }

  receiveEnd(): void {}

  drained(): void {}

  sentEnd(): void {}

  closed(): void {
    this.nextClosedCount++;
  }

  async send(bytes: Buffer): Promise<void> {
    bytes.copy(this.#lent);
    this.transport.receiver.receive(this.#lent, bytes.length);
    // The buffer is another connection's now.
    this.#lent.fill("x");
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }
}

for (const header of [textHeader("192.0.2.1"), binaryHeader()]) {
  test(`a header in pieces and the bytes behind it are handed on [${header.length} bytes]`, async () => {
    const whole = Buffer.concat([header, REQUEST]);
    for (const pieceBytes of [1, 7, header.length - 1, header.length, whole.length]) {
      const beginning = new Beginning();
      for (let at = 0; at < whole.length; at += pieceBytes) {
        await beginning.send(whole.subarray(at, at + pieceBytes));
      }
      await beginning.send(REQUEST);
      assert.deepEqual(beginning.outcomes, [{ kind: "address", address: "192.0.2.1" }]);
      assert.equal(beginning.received, String(REQUEST).repeat(2), `${pieceBytes} at a time`);
      beginning.client.destroy();
      beginning.transport.destroy();
      await nextTurn();
      assert.deepEqual([beginning.closedCount, beginning.nextClosedCount], [0, 1]);
    }
  });
}

test("behind the header nothing passes through the start any more", async () => {
  const beginning = new Beginning();
  await beginning.send(Buffer.concat([textHeader("192.0.2.1"), REQUEST]));
  for (let count = 0; count < 3; count++) await beginning.send(REQUEST);
  assert.equal(beginning.received, String(REQUEST).repeat(4));
  assert.equal(beginning.start.receivedCount, 1);
});

test("a beginning without a header is reported once, and is not read as a request", async () => {
  const beginning = new Beginning();
  await beginning.send(REQUEST);
  assert.deepEqual(beginning.outcomes, ["wrong"]);
  assert.equal(beginning.received, "");
});

test("a proxy that leaves before the header is whole is let go", async () => {
  const beginning = new Beginning();
  await beginning.send(Buffer.from("PROXY TCP4"));
  beginning.client.end();
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.deepEqual([beginning.closedCount, beginning.outcomes], [1, []]);
});

test("the header is waited for as long as a head is, however it trickles [10 s]", async () => {
  const beginning = new Beginning();
  for (const byte of [..."PROXY TCP"].map((char) => Buffer.from(char))) {
    beginning.nowMs += 1000;
    beginning.start.checkDeadline(beginning.nowMs);
    await beginning.send(byte);
    assert.equal(beginning.closedCount, 0);
  }
  beginning.nowMs += 1000;
  beginning.start.checkDeadline(beginning.nowMs);
  await nextTurn();
  assert.equal(beginning.closedCount, 1);
});

test("a drain waits for the header as for a request that is on its way [0.5 s]", async () => {
  const beginning = new Beginning();
  beginning.start.drain();
  beginning.start.checkDeadline(beginning.nowMs + 499);
  await nextTurn();
  assert.equal(beginning.closedCount, 0);
  beginning.start.checkDeadline(beginning.nowMs + 500);
  await nextTurn();
  assert.equal(beginning.closedCount, 1);
});
