import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemorySocket } from "../../test/fixtures/memory-socket.ts";
import { binaryHeader, textHeader } from "../../test/fixtures/proxy-headers.ts";
import { httpLimits } from "../http/http-limits.ts";
import type { ProxiedClient } from "../http/proxy-header.ts";
import { ProxiedStart } from "./proxied-start.ts";

const REQUEST = Buffer.from("GET / HTTP/1.1\r\n\r\n");

/** A beginning on a stream in memory, and what came of it. */
class Beginning {
  readonly client: MemorySocket;
  readonly start: ProxiedStart;
  readonly outcomes: (ProxiedClient | "wrong")[] = [];
  nowMs = 1000;
  received = "";
  closedCount = 0;
  private readonly lent = Buffer.alloc(64 * 1024);
  private lend: (bytes: Buffer, lengthBytes: number) => void = () => {};

  constructor(input: "calls" | "stream") {
    const [client, stream] = MemorySocket.createPair();
    this.client = client;
    client.on("error", () => {});
    client.resume();
    this.start = new ProxiedStart({
      socket: {
        address: "127.0.0.1",
        open: (receive) => {
          this.lend = receive;
          return { stream: stream.resume() as unknown as Socket, input };
        },
        refuse: () => {},
      },
      limits: httpLimits,
      monotonicMs: () => this.nowMs,
      onHeader: (outcome) => {
        this.outcomes.push(outcome);
        const receive = (bytes: Buffer, lengthBytes: number) => {
          this.received += bytes.toString("latin1", 0, lengthBytes);
        };
        if (input === "stream") stream.on("data", (chunk: Buffer) => receive(chunk, chunk.length));
        return { receive };
      },
      onClosed: () => {
        this.closedCount++;
      },
    });
    this.input = input;
  }

  private readonly input: "calls" | "stream";

  async send(bytes: Buffer): Promise<void> {
    if (this.input === "stream") {
      this.client.write(bytes);
    } else {
      bytes.copy(this.lent);
      this.lend(this.lent, bytes.length);
      // The buffer is another connection's now.
      this.lent.fill("x");
    }
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }
}

for (const input of ["calls", "stream"] as const) {
  for (const header of [textHeader("192.0.2.1"), binaryHeader()]) {
    test(`a header in pieces, and what stands behind it, are taken over [${input}, ${header.length} bytes]`, async () => {
      const whole = Buffer.concat([header, REQUEST]);
      for (const pieceBytes of [1, 7, header.length - 1, header.length, whole.length]) {
        const beginning = new Beginning(input);
        for (let at = 0; at < whole.length; at += pieceBytes) {
          await beginning.send(whole.subarray(at, at + pieceBytes));
        }
        await beginning.send(REQUEST);
        assert.deepEqual(beginning.outcomes, [{ kind: "address", address: "192.0.2.1" }]);
        assert.equal(beginning.received, String(REQUEST).repeat(2), `${pieceBytes} at a time`);
        beginning.client.destroy();
        await nextTurn();
        assert.equal(beginning.closedCount, 0, "its new owner looks after its end");
      }
    });
  }

  test(`what is no header is told once, and is not taken for a request [${input}]`, async () => {
    const beginning = new Beginning(input);
    await beginning.send(REQUEST);
    assert.deepEqual(beginning.outcomes, ["wrong"]);
    assert.equal(beginning.received, "");
  });

  test(`who leaves before the header is whole is let go [${input}]`, async () => {
    const beginning = new Beginning(input);
    await beginning.send(Buffer.from("PROXY TCP4"));
    beginning.client.end();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.deepEqual([beginning.closedCount, beginning.outcomes], [1, []]);
  });
}

test("the header is waited for as long as a head is, however it trickles [10 s]", async () => {
  const beginning = new Beginning("calls");
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
  const beginning = new Beginning("calls");
  beginning.start.drain();
  beginning.start.checkDeadline(beginning.nowMs + 499);
  await nextTurn();
  assert.equal(beginning.closedCount, 0);
  beginning.start.checkDeadline(beginning.nowMs + 500);
  await nextTurn();
  assert.equal(beginning.closedCount, 1);
});
