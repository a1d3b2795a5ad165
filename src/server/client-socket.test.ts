import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { shareReadBuffer } from "./client-socket.ts";

/** An accepted socket and the client at its other end. */
async function makePair(t: TestContext): Promise<{ accepted: Socket; client: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => client.destroy());
  const [accepted] = (await once(server, "connection")) as [Socket];
  return { accepted, client };
}

test("an accepted socket reads into the shared buffer, and writes, ends and closes as any other", async (t) => {
  const { accepted, client } = await makePair(t);
  const buffers = new Set<Buffer>();
  let received = "";
  const arrived = Promise.withResolvers<void>();
  const socket = shareReadBuffer(accepted, (bytes, lengthBytes) => {
    buffers.add(bytes);
    received += bytes.toString("latin1", 0, lengthBytes);
    if (received.length === 200_000) arrived.resolve();
  });
  // Where this fails, this Node makes its sockets otherwise, and every connection takes the slow way.
  assert.ok(socket !== undefined);
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
  const socket = shareReadBuffer(accepted, (_bytes, lengthBytes) => {
    receivedBytes += lengthBytes;
    arrived.resolve();
  });
  assert.ok(socket !== undefined);
  t.after(() => socket.destroy());
  socket.pause();
  client.write("x");
  // A turn through the kernel and back on another connection: what could have come, has.
  const other = await makePair(t);
  other.client.write("y");
  other.accepted.resume();
  await once(other.accepted, "data");
  assert.equal(receivedBytes, 0);
  socket.resume();
  await arrived.promise;
  assert.equal(receivedBytes, 1);
  other.accepted.destroy();
});

test("a socket without the handle that is looked for is left as it is", () => {
  assert.equal(
    shareReadBuffer(new Socket(), () => {}),
    undefined,
  );
});
