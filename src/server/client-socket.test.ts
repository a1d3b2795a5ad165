import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { acceptClients, type ClientSocket, fromSocket } from "./client-socket.ts";

/** Both ends of a connection. */
async function makePair(t: TestContext): Promise<{ accepted: ClientSocket; client: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepting = Promise.withResolvers<ClientSocket>();
  acceptClients(server, accepting.resolve);
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => client.destroy());
  return { accepted: await accepting.promise, client };
}

test("an accepted socket reads into the shared buffer, and writes, ends and closes as any other", async (t) => {
  const { accepted, client } = await makePair(t);
  const buffers = new Set<Buffer>();
  let received = "";
  const arrived = Promise.withResolvers<void>();
  assert.equal(accepted.address, "127.0.0.1");
  const { stream: socket, input } = accepted.open((bytes, lengthBytes) => {
    buffers.add(bytes);
    received += bytes.toString("latin1", 0, lengthBytes);
    if (received.length === 200_000) arrived.resolve();
  });
  // Where this fails, this Node makes its sockets otherwise, and every connection takes the slow way.
  assert.equal(input, "calls");
  const text = "0123456789".repeat(20_000);
  client.write(text);
  await arrived.promise;
  assert.ok(received === text);
  assert.equal(buffers.size, 1);
  socket.write("answer");
  assert.equal(String((await once(client, "data"))[0]), "answer");
  client.end();
  await once(socket, "end");
  socket.end();
  await Promise.all([once(socket, "close"), once(client, "end")]);
});

test("a paused socket reads nothing until it is resumed", async (t) => {
  const { accepted, client } = await makePair(t);
  let receivedBytes = 0;
  const arrived = Promise.withResolvers<void>();
  const { stream: socket } = accepted.open((_bytes, lengthBytes) => {
    receivedBytes += lengthBytes;
    arrived.resolve();
  });
  t.after(() => socket.destroy());
  socket.pause();
  client.write("x");
  // A turn through the kernel and back on another connection: what could have come, has.
  const other = await makePair(t);
  other.client.write("y");
  const otherArrived = Promise.withResolvers<void>();
  const otherSocket = other.accepted.open(() => otherArrived.resolve()).stream;
  t.after(() => otherSocket.destroy());
  await otherArrived.promise;
  assert.equal(receivedBytes, 0);
  socket.resume();
  await arrived.promise;
  assert.equal(receivedBytes, 1);
});

test("a socket that was accepted elsewhere is used in the same way", async (t) => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => client.destroy());
  const [socket] = (await once(server, "connection")) as [Socket];
  const arrived = Promise.withResolvers<number>();
  const opened = fromSocket(socket).open((_bytes, lengthBytes) => arrived.resolve(lengthBytes));
  t.after(() => opened.stream.destroy());
  client.write("abc");
  assert.equal(await arrived.promise, 3);
  assert.equal(opened.input, "calls");
});

test("a client that is refused is closed", async (t) => {
  const { accepted, client } = await makePair(t);
  accepted.refuse();
  client.resume();
  await once(client, "end");
});

test("a socket without the handle that is looked for is used as it is", () => {
  const socket = new Socket();
  const { stream, input } = fromSocket(socket).open(() => {});
  assert.equal(stream, socket);
  assert.equal(input, "stream");
});
