import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { findFreePort } from "../../test/fixtures/free-port.ts";
import { formatAnswer, startScriptedServer } from "../../test/fixtures/scripted-server.ts";
import { systemClock } from "../base/clock.ts";
import { ClientConnection, type ClientConnectionOptions } from "./client-connection.ts";
import { formatRequest } from "./plan.ts";
import type { RequestOutcome } from "./request-outcome.ts";
import type { LoadMethod } from "./response-head.ts";
import { TargetAddress } from "./sockets.ts";

interface Overrides extends Partial<ClientConnectionOptions> {
  readonly port: number;
}

function openConnection(t: TestContext, overrides: Overrides): ClientConnection {
  const { port, method = "GET", keepAlive = true } = overrides;
  const parts = { method, host: "127.0.0.1", port, requestTarget: "/" };
  const connection = new ClientConnection({
    target: new TargetAddress(["127.0.0.1"], port),
    method,
    requestBytes: formatRequest(parts, keepAlive),
    source: undefined,
    timeoutMs: 20_000,
    keepAlive,
    clock: systemClock,
    ...overrides,
  });
  t.after(() => connection.close());
  return connection;
}

/** `200 5`, or the reason of the failure. */
function describe(outcome: RequestOutcome): string {
  if (outcome.kind === "answered") return `${outcome.status} ${outcome.bodyBytes}`;
  return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

async function sendOnce(
  t: TestContext,
  script: (socket: Socket) => void,
  overrides: Partial<ClientConnectionOptions> = {},
): Promise<RequestOutcome> {
  const { port } = await startScriptedServer(t, script);
  return openConnection(t, { port, ...overrides }).send();
}

test("three requests go over one kept connection", async (t) => {
  const server = await startScriptedServer(t, (socket) => socket.write(formatAnswer(200, "hello")));
  const connection = openConnection(t, { port: server.port });
  for (let count = 0; count < 3; count++) {
    const outcome = await connection.send();
    assert.equal(describe(outcome), "200 5");
    assert.ok(outcome.kind === "answered" && outcome.connectionReusable && !outcome.retried);
  }
  assert.equal(server.connectionCount(), 1);
  assert.equal(server.requestHeads.length, 3);
});

test("without keep-alive each request has its own connection and says close", async (t) => {
  const server = await startScriptedServer(t, (socket) => socket.write(formatAnswer(200, "hello")));
  const connection = openConnection(t, { port: server.port, keepAlive: false });
  await connection.send();
  await connection.send();
  assert.equal(server.connectionCount(), 2);
  assert.match(server.requestHeads[0]!, /\r\nConnection: close$/);
});

test("a connection that the server closes after each answer is opened again", async (t) => {
  const server = await startScriptedServer(t, (socket) =>
    socket.end(formatAnswer(200, "x", ["Connection: close"])),
  );
  const connection = openConnection(t, { port: server.port });
  assert.equal(describe(await connection.send()), "200 1");
  assert.equal(describe(await connection.send()), "200 1");
  assert.equal(server.connectionCount(), 2);
});

test("a kept connection that ends before the answer's first byte is tried once more", async (t) => {
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex === 1) socket.destroy();
    else socket.write(formatAnswer(200, "x"));
  });
  const connection = openConnection(t, { port: server.port });
  await connection.send();
  const second = await connection.send();
  assert.equal(describe(second), "200 1");
  assert.ok(second.kind === "answered" && second.retried);
  assert.equal(server.connectionCount(), 2);
});

test("it is tried once more and not twice: the second close is a failure", async (t) => {
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex === 0) socket.write(formatAnswer(200, "x"));
    else socket.destroy();
  });
  const connection = openConnection(t, { port: server.port });
  await connection.send();
  assert.match(describe(await connection.send()), /^(closed-early|reset)$/);
  assert.equal(server.requestHeads.length, 3);
});

test("a first request is not tried again, and neither one with a byte of its answer", async (t) => {
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex === 1) socket.write(formatAnswer(200, "x"));
    else if (requestIndex === 2) socket.end("H");
    else socket.end();
  });
  const connection = openConnection(t, { port: server.port });
  assert.equal(describe(await connection.send()), "closed-early");
  assert.equal(describe(await connection.send()), "200 1");
  assert.equal(describe(await connection.send()), "closed-early");
  assert.equal(server.requestHeads.length, 3);
});

test("bytes without a request cost the connection, not the next request", async (t) => {
  const sockets: Socket[] = [];
  const server = await startScriptedServer(t, (socket) => {
    sockets.push(socket);
    socket.write(formatAnswer(200, "x"));
  });
  const connection = openConnection(t, { port: server.port });
  assert.equal(describe(await connection.send()), "200 1");
  const closed = once(sockets[0]!, "close");
  sockets[0]!.write("surplus");
  await closed;
  const second = await connection.send();
  assert.equal(describe(second), "200 1");
  assert.ok(second.kind === "answered" && !second.retried);
});

for (const [name, script, expected, overrides] of [
  ["a body until the close", (s: Socket) => s.end("HTTP/1.0 200 OK\r\n\r\nhello"), "200 5"],
  [
    "a chunked body",
    (s: Socket) =>
      s.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    "200 5",
  ],
  [
    "the length of a body that HEAD does not send",
    (s: Socket) => s.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
    "200 0",
    { method: "HEAD" as LoadMethod },
  ],
  ["nothing and a close", (s: Socket) => s.end(), "closed-early"],
  ["half a head and a close", (s: Socket) => s.end("HTTP/1.1 200 OK\r\nCont"), "closed-early"],
  ["a reset", (s: Socket) => s.resetAndDestroy(), "reset"],
  ["garbage", (s: Socket) => s.end("hello, this is not HTTP\r\n\r\n"), "garbage"],
  [
    "too short a body",
    (s: Socket) => s.end("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
    "wrong-length",
  ],
  [
    "too long a body",
    (s: Socket) => s.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"),
    "wrong-length",
  ],
  ["silence", () => {}, "timed-out", { timeoutMs: 50 }],
  [
    "half an answer and silence",
    (s: Socket) => s.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
    "timed-out",
    { timeoutMs: 50 },
  ],
] as [string, (socket: Socket) => void, string, Partial<ClientConnectionOptions>?][]) {
  test(`a server that sends ${name} gives ${expected}`, async (t) => {
    const outcome = await sendOnce(t, script, overrides);
    assert.equal(describe(outcome), expected);
    if (outcome.kind === "failed") assert.notEqual(outcome.detail, "");
  });
}

test("a port on which nothing listens gives refused", async (t) => {
  const port = await findFreePort();
  assert.equal(describe(await openConnection(t, { port }).send()), "refused");
});

test("of two addresses the one that listens is found and kept", async (t) => {
  const server = await startScriptedServer(t, (socket) => socket.write(formatAnswer(200, "x")));
  const target = new TargetAddress(["127.0.0.3", "127.0.0.1"], server.port);
  const outcome = await openConnection(t, { port: server.port, target }).send();
  assert.equal(describe(outcome), "200 1");
  assert.ok(outcome.kind === "answered" && !outcome.retried);
  assert.deepEqual(target.candidates(undefined), ["127.0.0.1", "127.0.0.3"]);
});

test("a source address (127.0.0.1) is the one the server sees", async (t) => {
  const seen: (string | undefined)[] = [];
  const outcome = await sendOnce(
    t,
    (socket) => {
      seen.push(socket.remoteAddress);
      socket.write(formatAnswer(200, "x"));
    },
    { source: "127.0.0.1" },
  );
  assert.equal(describe(outcome), "200 1");
  assert.deepEqual(seen, ["127.0.0.1"]);
});

test("a source that this machine does not have (203.0.113.9) gives source-unknown", async (t) => {
  const outcome = await sendOnce(t, () => {}, { source: "203.0.113.9" });
  assert.equal(describe(outcome), "source-unknown");
});

test("a source of the other family (::1 towards 127.0.0.1) gives unreachable", async (t) => {
  const outcome = await sendOnce(t, () => {}, { source: "::1" });
  assert.equal(describe(outcome), "unreachable");
});

test("a host that could not be looked up gives its failure for every request", async (t) => {
  const target = { kind: "failed", reason: "host-unknown", detail: "not found" } as const;
  const connection = openConnection(t, { port: 1, target });
  assert.equal(describe(await connection.send()), "host-unknown");
  assert.equal(describe(await connection.send()), "host-unknown");
});

test("closing abandons the request that is on its way", async (t) => {
  const { promise: received, resolve } = Promise.withResolvers<void>();
  const { port } = await startScriptedServer(t, () => resolve());
  const connection = openConnection(t, { port });
  const outcome = connection.send();
  await received;
  connection.close();
  assert.equal(describe(await outcome), "abandoned");
});

test("the latency is the clock's time from the submission to the answer's last byte", async (t) => {
  let nowMs = 1000;
  const clock = { monotonicMs: () => nowMs, wallMs: () => 0 };
  const outcome = await sendOnce(
    t,
    (socket) => {
      nowMs = 1250;
      socket.write(formatAnswer(200, "x"));
    },
    { clock },
  );
  assert.ok(outcome.kind === "answered");
  assert.equal(outcome.latencyMs, 250);
});
