import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingSource } from "../../test/fixtures/counting-source.ts";
import {
  answerWithTarget,
  MemoryConnection,
  request,
} from "../../test/fixtures/memory-connection.ts";
import { fieldValue } from "../../test/fixtures/raw-response.ts";
import { NO_BODY, type Reply, textReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { WireExchange } from "../transport/engine.ts";

test("requests that come together are answered in their order, with answers of every kind", async () => {
  const source = new CountingSource(200_000);
  const memory = new MemoryConnection((head): Reply | Promise<Reply> => {
    if (head.rawTarget === "/source") return source.reply();
    if (head.rawTarget === "/parts") {
      return { status: 200, fields: [], body: { kind: "parts", parts: ["a", "", "b"] } };
    }
    if (head.rawTarget === "/none") return { status: 304, fields: [], body: NO_BODY };
    if (head.rawTarget === "/now") return answerWithTarget(head);
    return new Promise((resolve) => setTimeout(() => resolve(answerWithTarget(head)), 20));
  });
  const targets = ["/later", "/now", "/source", "/parts", "/later", "/none", "/now"];
  await memory.send(targets.map((target) => request(target)).join(""));
  while (memory.finished.length < targets.length) await memory.settle();
  await memory.settle();
  assert.deepEqual(
    memory.finished.map(({ target }) => target),
    targets,
  );
  const bodies = memory.bodies();
  assert.equal(bodies[2], source.bytes.toString("latin1"));
  assert.deepEqual(bodies.toSpliced(2, 1), ["/later", "/now", "ab", "/later", "", "/now"]);
  assert.equal(source.closedCount, 1);
  assert.equal(memory.hasEnded, false);
});

test("a second request is not handled before the answer to the first has left", async () => {
  const answers: ((reply: Reply) => void)[] = [];
  const memory = new MemoryConnection(() => new Promise((resolve) => answers.push(resolve)));
  await memory.send(request("/1") + request("/2"));
  assert.deepEqual(memory.targets, ["/1"]);
  answers[0]?.(textReply(200, "text/plain", "one"));
  await memory.settle();
  assert.deepEqual(memory.targets, ["/1", "/2"]);
});

test("a head that comes byte by byte is answered as one that comes at once", async () => {
  const text = request("/a") + request("/b", "", "HEAD") + request("/c");
  const memory = new MemoryConnection();
  for (const byte of text) memory.client.write(byte, "latin1");
  await memory.settle();
  assert.deepEqual(memory.bodies(["GET", "HEAD", "GET"]), ["/a", "", "/c"]);
});

const HUGE_COUNT = 10_000;
const HUGE_BYTES = 64 * 1024;

/** Tells which answer it belongs to. */
function hugeBody(index: number): Buffer {
  const bytes = Buffer.alloc(HUGE_BYTES, index & 0xff);
  bytes.writeUInt32BE(index);
  return bytes;
}

test("10,000 pipelined requests of a client that does not read hold little; once it reads, all are answered", async () => {
  const answer = async ({ rawTarget }: RequestHead): Promise<Reply> => {
    const body = { kind: "bytes", bytes: hugeBody(Number(rawTarget.slice(1))) } as const;
    return { status: 200, fields: [], body };
  };
  const memory = new MemoryConnection(answer, { isReading: false });
  for (let index = 0; index < HUGE_COUNT; index++) memory.client.write(request(`/${index}`));
  await memory.settle();
  const { client, stream } = memory;
  // What waits in the server: an answer being taken, one behind it, and some of the requests.
  assert.ok(memory.targets.length <= 5, `${memory.targets.length} requests were handled`);
  assert.ok(stream.writableLength <= 3 * HUGE_BYTES, `${stream.writableLength} bytes wait`);
  assert.ok(client.writableLength > 100_000, `${client.writableLength} bytes were not taken`);
  let readCount = 0;
  let rest = Buffer.alloc(0);
  client.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const bodyStart = rest.indexOf("\r\n\r\n") + 4;
      if (bodyStart < 4 || rest.length < bodyStart + HUGE_BYTES) break;
      const body = rest.subarray(bodyStart, bodyStart + HUGE_BYTES);
      assert.ok(body.equals(hugeBody(readCount)), `the body of answer ${readCount}`);
      rest = rest.subarray(bodyStart + HUGE_BYTES);
      readCount++;
    }
  });
  while (memory.finished.length < HUGE_COUNT) await memory.settle();
  await memory.settle();
  assert.equal(readCount, HUGE_COUNT);
  assert.equal(rest.length, 0);
});

test("each answer makes room for as much as it used, however much the client sends", async () => {
  const answers: (() => void)[] = [];
  const memory = new MemoryConnection((head) => {
    return new Promise((resolve) => answers.push(() => resolve(answerWithTarget(head))));
  });
  const chunk = request("/a").repeat(1500);
  const chunkCount = 200;
  for (let left = chunkCount; left > 0; left--) memory.client.write(chunk);
  await memory.settle();
  const takenBytes = () => chunkCount * chunk.length - memory.client.writableLength;
  const atFirstBytes = takenBytes();
  assert.ok(atFirstBytes <= 3 * chunk.length, `${atFirstBytes} bytes were taken`);
  const answeredCount = 100;
  for (let index = 0; index < answeredCount; index++) {
    answers[index]?.();
    await memory.settle();
  }
  assert.equal(memory.finished.length, answeredCount);
  assert.ok(takenBytes() <= atFirstBytes + chunk.length, `${takenBytes()} bytes were taken`);
});

test("after the client's end everything that it asked for is answered, then the server ends too", async () => {
  const memory = new MemoryConnection(async (head) => answerWithTarget(head));
  memory.client.end(request("/1") + request("/2") + request("/3"));
  await memory.settle();
  assert.deepEqual(memory.bodies(), ["/1", "/2", "/3"]);
  assert.equal(memory.hasEnded, true);
  assert.equal(memory.closedCount, 1);
});

test("a client that ends in the middle of a head gets no answer and an end", async () => {
  const memory = new MemoryConnection();
  memory.client.end(`${request("/1")}GET / HT`);
  await memory.settle();
  assert.deepEqual(memory.bodies(), ["/1"]);
  assert.equal(memory.hasEnded, true);
  assert.equal(memory.closedCount, 1);
});

test("after Connection: close nothing more is answered, and the answer says close", async () => {
  const memory = new MemoryConnection();
  await memory.send(request("/1", "Connection: close\r\n") + request("/2"));
  const [response, ...others] = memory.responses();
  assert.equal(response?.body.toString(), "/1");
  assert.ok(response !== undefined && fieldValue(response, "connection") === "close");
  assert.equal(others.length, 0);
  assert.equal(memory.hasEnded, true);
});

const HTTP_1_0: readonly (readonly [string, string, boolean, Reply["body"]["kind"]])[] = [
  ["GET", "", false, "bytes"],
  ["GET", "Connection: keep-alive\r\n", true, "bytes"],
  ["GET", "", false, "parts"],
  // Without chunks only the end of the connection tells where a body of parts ends.
  ["GET", "Connection: keep-alive\r\n", false, "parts"],
  ["HEAD", "Connection: keep-alive\r\n", true, "bytes"],
  ["HEAD", "Connection: keep-alive\r\n", false, "parts"],
];

for (const [method, fields, isKept, kind] of HTTP_1_0) {
  test(`HTTP/1.0 ${method} [${fields.trim()}], a body of ${kind}: the connection ${isKept ? "stays and says so" : "ends, and says close"}`, async () => {
    const body =
      kind === "parts"
        ? { kind, parts: ["ab", "c"] }
        : { kind: "bytes" as const, bytes: Buffer.from("abc") };
    const memory = new MemoryConnection(() => ({ status: 200, fields: [], body }) as Reply);
    await memory.send(`${method} / HTTP/1.0\r\n${fields}\r\n`);
    const [response] = memory.responses([method]);
    assert.equal(response?.body.toString(), method === "HEAD" ? "" : "abc");
    assert.equal(response?.fields.has("transfer-encoding"), false);
    assert.deepEqual(response?.fields.get("connection"), [isKept ? "keep-alive" : "close"]);
    assert.equal(memory.hasEnded, !isKept);
  });
}

test("the answer to HEAD is that to GET without its body, and the next answer follows at once", async () => {
  const source = new CountingSource(5);
  const memory = new MemoryConnection(() => source.reply());
  await memory.send(request("/1", "", "HEAD"));
  assert.equal(source.closedCount, 1);
  const head = memory.received().toString("latin1");
  assert.match(head, /\r\nContent-Length: 5\r\n/);
  assert.ok(head.endsWith("\r\n\r\n"));
});

test("what cannot be read is answered with a refusal, the rest of the input is thrown away", async () => {
  const memory = new MemoryConnection();
  await memory.send(`${request("/1")}GET / HTTP/1.1\r\nbroken line\r\n\r\n${request("/2")}`);
  const [first, refused, ...others] = memory.responses();
  assert.equal(first?.body.toString(), "/1");
  assert.equal(refused?.status, 400);
  assert.equal(others.length, 0);
  assert.deepEqual(memory.targets, ["/1"]);
  assert.deepEqual(
    memory.finished.map(({ target, sent }) => [target, sent?.status]),
    [
      ["/1", 200],
      [undefined, 400],
    ],
  );
  assert.equal(memory.hasEnded, true);
});

test("a handler that throws, or rejects, is answered by fail and the connection goes on", async () => {
  const memory = new MemoryConnection((head) => {
    if (head.rawTarget === "/throws") throw new Error("no");
    return head.rawTarget === "/rejects"
      ? Promise.reject(new Error("not"))
      : answerWithTarget(head);
  });
  await memory.send(request("/throws") + request("/rejects") + request("/a"));
  assert.deepEqual(memory.bodies(), ["Error: no", "Error: not", "/a"]);
});

test("an answer whose client has gone is dropped: its source is closed, and the handler learns of it", async () => {
  const source = new CountingSource(5);
  let exchange: WireExchange | undefined;
  const answered = Promise.withResolvers<Reply>();
  const memory = new MemoryConnection((_head, current) => {
    exchange = current;
    return answered.promise;
  });
  await memory.send(request("/1"));
  assert.equal(exchange?.isAbandoned, false);
  memory.stream.destroy();
  await memory.settle();
  assert.equal(exchange?.isAbandoned, true);
  assert.equal(memory.closedCount, 1);
  answered.resolve(source.reply());
  await memory.settle();
  assert.equal(source.closedCount, 1);
  assert.deepEqual(
    memory.finished.map(({ sent }) => sent?.isComplete),
    [false],
  );
});

test("a client that leaves in the middle of a body lets go of its source", async () => {
  const source = new CountingSource(10_000_000);
  const memory = new MemoryConnection(() => source.reply(), { isReading: false });
  await memory.send(request("/1"));
  assert.equal(source.closedCount, 0);
  memory.client.destroy();
  memory.stream.destroy();
  await memory.settle();
  assert.equal(source.closedCount, 1);
  assert.deepEqual(
    memory.finished.map(({ sent }) => sent?.isComplete),
    [false],
  );
  assert.equal(memory.closedCount, 1);
});

test("reject answers before anything was read, and ends", async () => {
  const memory = new MemoryConnection();
  memory.connection.reject({ status: 503, explanation: "full" });
  await memory.send(request("/1"));
  assert.deepEqual(memory.bodies(), ["full"]);
  assert.deepEqual(memory.targets, []);
  assert.equal(memory.hasEnded, true);
});
