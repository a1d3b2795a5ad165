import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { SendQueues } from "./send-queues.ts";

const HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n";
const LINES = [
  "   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
  "   1: 0100007F:1F41 0100007F:B7A2 01 003FB22C:00000000 01:00000014 00000000     0",
  "  12: 00000000000000000000000001000000:1F41 00000000000000000000000001000000:B7A3 01 00000010:00000000 01:0",
  "  13: 0100007F:1F41 0200007F:B7A3 01 00000001:00000000 01:00000014 00000000     0",
];

test("the bytes to send stand in the tables by the two ports, IPv4 and IPv6 together", () => {
  const queues = new SendQueues(
    () => 0,
    () => `${HEADING}${LINES.join("\n")}\n`,
  );
  assert.equal(queues.unreadBytes(8001, 0xb7a2), 0x3fb22c);
  assert.equal(queues.unreadBytes(8001, 0xb7a3), 0x11);
  assert.equal(queues.unreadBytes(8001, 1), undefined);
});

test("where there are no tables nothing is told", () => {
  assert.equal(
    new SendQueues(
      () => 0,
      () => "",
    ).unreadBytes(8001, 1),
    undefined,
  );
});

test("the tables are read again after 250 ms, not before", () => {
  let nowMs = 1000;
  let readCount = 0;
  const queues = new SendQueues(
    () => nowMs,
    () => `${++readCount}`,
  );
  for (const stepMs of [0, 100, 149, 1, 249]) {
    nowMs += stepMs;
    queues.unreadBytes(1, 2);
  }
  assert.equal(readCount, 2);
});

test("a queue is there while nobody reads, and gone once all was read [real sockets]", async (t) => {
  if (process.platform !== "linux") return t.skip("only Linux tells it");
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "127.0.0.1").pause();
  const [socket] = (await once(server, "connection")) as [Socket];
  t.after(() => {
    for (const end of [client, socket]) end.destroy();
    server.close();
  });
  let nowMs = 0;
  const queues = new SendQueues(() => nowMs);
  const unreadBytes = () => {
    nowMs += 1000;
    return queues.unreadBytes(port, client.localPort ?? 0) ?? assert.fail("no such connection");
  };
  socket.write(Buffer.alloc(50_000_000));
  while (unreadBytes() === 0) await new Promise(setImmediate);
  client.resume();
  while (client.bytesRead < 50_000_000) await new Promise(setImmediate);
  while (unreadBytes() > 0) await new Promise(setImmediate);
});
