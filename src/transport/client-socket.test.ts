import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { acceptClients, fromSocket } from "./client-socket.ts";
import { SendMemory } from "./send-memory.ts";
import type { ArrivedClient, Transport, TransportReceiver } from "./transport.ts";

const SEND_MEMORY = new SendMemory(1024 * 1024);

async function listen(t: TestContext): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function connectTo(t: TestContext, server: Server): Socket {
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => client.destroy());
  return client;
}

/** Both ends of a connection. */
async function makePair(t: TestContext): Promise<{ accepted: ArrivedClient; client: Socket }> {
  const server = await listen(t);
  const accepting = Promise.withResolvers<ArrivedClient>();
  acceptClients(server, SEND_MEMORY, accepting.resolve);
  const client = connectTo(t, server);
  return { accepted: await accepting.promise, client };
}

/** Opens it, and gives what it receives to `receive`. */
function open(
  t: TestContext,
  accepted: ArrivedClient,
  receive: TransportReceiver["receive"],
): Transport {
  const transport = accepted.open();
  const receiver: TransportReceiver = {
    receive,
    receiveEnd: () => {},
    drained: () => {},
    sentEnd: () => {},
    closed: () => {},
  };
  transport.receiver = receiver;
  t.after(() => transport.destroy());
  return transport;
}

/** The buffer that it reads into, once it has read something. */
async function readInto(
  t: TestContext,
  { accepted, client }: { accepted: ArrivedClient; client: Socket },
): Promise<Buffer> {
  const arrived = Promise.withResolvers<Buffer>();
  open(t, accepted, arrived.resolve);
  client.write("x");
  return arrived.promise;
}

test("accepted sockets read into one buffer, which all of them share", async (t) => {
  const pairs = [await makePair(t), await makePair(t)];
  assert.equal(pairs[0]?.accepted.address, "127.0.0.1");
  const [one, other] = await Promise.all(pairs.map((pair) => readInto(t, pair)));
  // Where this fails, this Node makes its sockets otherwise, and every connection takes the slow way.
  assert.equal(one, other);
});

test("a socket that was accepted elsewhere reads into it, too", async (t) => {
  const shared = await readInto(t, await makePair(t));
  const server = await listen(t);
  const client = connectTo(t, server);
  const [socket] = (await once(server, "connection")) as [Socket];
  const accepted = fromSocket(socket, SEND_MEMORY);
  assert.equal(await readInto(t, { accepted, client }), shared);
});

test("a paused socket reads nothing until it is resumed", async (t) => {
  const { accepted, client } = await makePair(t);
  let receivedBytes = 0;
  const arrived = Promise.withResolvers<void>();
  const transport = open(t, accepted, (_bytes, lengthBytes) => {
    receivedBytes += lengthBytes;
    arrived.resolve();
  });
  transport.pause();
  client.write("x");
  // A turn through the kernel and back on another connection: what could have come, has.
  await readInto(t, await makePair(t));
  assert.equal(receivedBytes, 0);
  transport.resume();
  await arrived.promise;
  assert.equal(receivedBytes, 1);
});

test("a client that is refused is closed", async (t) => {
  const { accepted, client } = await makePair(t);
  accepted.refuse();
  client.resume();
  await once(client, "end");
});

test("a socket without the handle that is looked for is used as it is", () => {
  const socket = new Socket();
  const transport = fromSocket(socket, SEND_MEMORY).open();
  let received = "";
  transport.receiver = {
    receive: (bytes, lengthBytes) => {
      received += bytes.toString("latin1", 0, lengthBytes);
    },
    receiveEnd: () => {},
    drained: () => {},
    sentEnd: () => {},
    closed: () => {},
  };
  socket.emit("data", Buffer.from("abc"));
  assert.equal(received, "abc");
  socket.destroy();
});
