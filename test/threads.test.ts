// The threads together: one that dies is replaced and takes nothing with it, connections are handed
// over where the system does not spread them, and --concurrency and --delay hold over all of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningServer } from "../src/server/running-server.ts";
import { parseMetrics } from "./fixtures/admin-weir.ts";
import { formatRequest, type KeepAliveClient, openClient } from "./fixtures/keep-alive-client.ts";
import { requestOnce } from "./fixtures/one-request.ts";
import { waitUntil } from "./fixtures/process-facts.ts";
import { openRawConnection, rawExchange } from "./fixtures/raw-client.ts";
import { startServerHere } from "./fixtures/running-server.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "./fixtures/weir-process.ts";

/** Ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a", "large.bin": Buffer.alloc(8 * 1024 * 1024) });
  return dir;
}

function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir: newFolder(t), args: ["--rate", "off", ...args] });
}

async function hitsOf(client: KeepAliveClient, name: string): Promise<number | undefined> {
  const { body } = await client.ask("/?format=json");
  const listing = JSON.parse(body.toString()) as { entries: { name: string; hits: number }[] };
  return listing.entries.find((entry) => entry.name === name)?.hits;
}

/** Kills a thread and waits until its successor listens. */
async function replaceThread({ pool }: RunningServer, threadIndex: number): Promise<void> {
  const victim = pool.threadOf(threadIndex);
  assert.ok(victim !== undefined);
  await victim.terminate();
  const successor = pool.threadOf(threadIndex);
  assert.ok(successor !== undefined && successor !== victim, "a successor was started at once");
  await waitUntil("the successor accepts connections", () =>
    pool.readyThreads.includes(threadIndex),
  );
}

/** Keep-alive connections, of which each has been answered once. */
async function openClients(
  t: TestContext,
  port: number,
  clientCount: number,
): Promise<KeepAliveClient[]> {
  return Promise.all(
    Array.from({ length: clientCount }, async () => {
      const client = await openClient(t, { port });
      assert.equal((await client.ask("/a.txt")).status, 200);
      return client;
    }),
  );
}

async function isAnswered(client: KeepAliveClient): Promise<boolean> {
  try {
    return (await client.ask("/a.txt")).status === 200;
  } catch {
    return false;
  }
}

/** In-process servers say on stderr what they do about a death; it is not for the test's own output. */
function silenceWarnings(t: TestContext): () => string {
  let text = "";
  t.mock.method(process.stderr, "write", (chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += chunk.toString();
    const onWritten = rest.at(-1);
    if (typeof onWritten === "function") onWritten();
    return true;
  });
  return () => text;
}

for (const acceptKind of ["reuse-port", "hand-over"] as const) {
  const canReusePort = process.platform === "linux";
  const skip = acceptKind === "reuse-port" && !canReusePort && "needs SO_REUSEPORT of Linux";

  test(`a thread that dies is replaced; the others and all counts live on [${acceptKind}]`, {
    skip,
  }, async (t) => {
    const warnings = silenceWarnings(t);
    const flags = { workers: "2", rate: "off" };
    const server = await startServerHere(t, newFolder(t), flags, { acceptKind });
    const { port } = server.address;
    const clients = await openClients(t, port, 24);
    await replaceThread(server, 1);
    assert.match(warnings(), /^weir: server thread 1 died \(.+\); another takes its place\n$/);
    const answered = await Promise.all(clients.map(isAnswered));
    const survivorCount = answered.filter(Boolean).length;
    // The kernel or the main thread has spread 24 connections over two threads.
    assert.ok(survivorCount > 0 && survivorCount < 24, `${survivorCount} of 24 live on`);
    const newcomers = await openClients(t, port, 24);
    const expected = 24 + survivorCount + 24;
    assert.equal(await hitsOf(newcomers[0] as KeepAliveClient, "a.txt"), expected);
    await replaceThread(server, 2);
    const after = await Promise.all([...newcomers, ...clients].map(isAnswered));
    const onNewThread = after.slice(0, 24).filter(Boolean).length;
    assert.ok(onNewThread > 0, "the first successor takes connections");
    const [last] = await openClients(t, port, 1);
    const total = expected + after.filter(Boolean).length + 1;
    assert.equal(await hitsOf(last as KeepAliveClient, "a.txt"), total);
  });
}

test("what a dead thread held is off the gauges, what it counted stays, and its end is told", async (t) => {
  silenceWarnings(t);
  const typed = { rate: "off", workers: "1", admin: "127.0.0.1:0" };
  const server = await startServerHere(t, newFolder(t), typed);
  const { port } = server.address;
  const read = async () => parseMetrics(await (await fetch(`${server.adminUrl}/metrics`)).text());
  // An answer is counted when it has left; who has seen its connection close comes after that.
  for (let asked = 0; asked < 3; asked++) await requestOnce(port, "/a.txt");
  const held = await openClient(t, { port });
  await held.ask("/absent");
  assert.equal((await read()).get("weir_connections_open"), 1);
  await replaceThread(server, 1);
  const after = await read();
  assert.equal(after.get("weir_connections_open"), 0);
  assert.equal(after.get("weir_hits_total"), 3);
  assert.equal(after.get("weir_thread_restarts_total"), 1);
  await requestOnce(port, "/a.txt");
  assert.equal((await read()).get("weir_hits_total"), 4);
  assert.ok(((await read()).get('weir_thread_requests_total{thread="1"}') ?? 0) >= 4);
});

test("the places that a dead thread held and waited for come back [concurrency 2, a delay]", async (t) => {
  silenceWarnings(t);
  const flags = { workers: "2", rate: "off", concurrency: "2", delay: "150ms" };
  const server = await startServerHere(t, newFolder(t), flags, { acceptKind: "hand-over" });
  const { port } = server.address;
  for (let round = 0; round < 3; round++) {
    // Handed over in turn: half of them to each thread. Two are in progress, the rest waits.
    const clients = await Promise.all(Array.from({ length: 8 }, () => openClient(t, { port })));
    const answers = Promise.all(clients.map(isAnswered));
    await sleep(50);
    await replaceThread(server, 1 + (round % 2));
    const answeredCount = (await answers).filter(Boolean).length;
    assert.ok(answeredCount >= 4, `${answeredCount} of 8 were answered`);
  }
  // Not more places than before either: of three at once the third waits for a whole delay.
  const clients = await Promise.all([1, 2, 3].map(() => openClient(t, { port })));
  const startedMs = performance.now();
  assert.deepEqual(await Promise.all(clients.map(isAnswered)), [true, true, true]);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 295, `three answers took ${tookMs} ms`);
});

test("connections that the main thread hands over are answered by several threads", async (t) => {
  const flags = { workers: "3", rate: "off" };
  const server = await startServerHere(t, newFolder(t), flags, { acceptKind: "hand-over" });
  const { port } = server.address;
  const clients = await openClients(t, port, 6);
  silenceWarnings(t);
  // In turn: killing a thread ends exactly every third connection.
  await replaceThread(server, 2);
  assert.deepEqual(await Promise.all(clients.map(isAnswered)), [
    ...[true, false, true],
    ...[true, false, true],
  ]);
});

test("a connection that is handed over answers a client that has sent its end already", async (t) => {
  const flags = { workers: "2", rate: "off" };
  const server = await startServerHere(t, newFolder(t), flags, { acceptKind: "hand-over" });
  for (let round = 0; round < 4; round++) {
    const connection = await openRawConnection({ port: server.address.port });
    t.after(() => connection.destroy());
    connection.socket.end(formatRequest("/a.txt"));
    await connection.waitFor({ kind: "closed" }, ["GET"], WAIT_MS_MAX);
    assert.match(connection.bytes.toString(), /^HTTP\/1\.1 200 OK\r\n.*content of a$/s);
  }
});

test("a server that hands over drains: answers in progress are finished, no new ones begun", async (t) => {
  const flags = { workers: "2", rate: "off", delay: "2s" };
  const server = await startServerHere(t, newFolder(t), flags, { acceptKind: "hand-over" });
  const { port } = server.address;
  const clients = await Promise.all([1, 2, 3, 4].map(() => openClient(t, { port })));
  const answers = clients.map((client) => client.ask("/a.txt"));
  // In turn: one of two refusals, which do not wait for the delay, comes from each thread, and that has
  // read what came before.
  for (const send of ["no request\r\n\r\n", "no request\r\n\r\n"]) {
    assert.equal((await rawExchange({ port, send })).responses[0]?.status, 400);
  }
  await server.stop();
  for (const answer of answers) assert.equal((await answer).status, 200);
  const late = connect(port, "127.0.0.1");
  const [error] = await once(late, "error");
  assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
});

test("--concurrency 1 with a delay of 100 ms: five at once take 0.5 s, answered as they came", async (t) => {
  const weir = await serve(t, "--workers", "1", "--concurrency", "1", "--delay", "100ms");
  const clients = [];
  for (let index = 0; index < 5; index++) clients.push(await openClient(t, { port: weir.port }));
  const startedMs = performance.now();
  const answered: number[] = [];
  const answers = [];
  for (const [index, client] of clients.entries()) {
    answers.push(client.ask("/a.txt").then(() => answered.push(index)));
    // Arrived and drawn its ticket: on one thread what was sent before is read before.
    await sleep(5);
  }
  await Promise.all(answers);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 495, `five answers took ${tookMs} ms`);
  assert.deepEqual(answered, [0, 1, 2, 3, 4]);
});

test("--concurrency 2 over two threads: at most two in progress, by what the clients see", async (t) => {
  const weir = await serve(t, "--workers", "2", "--concurrency", "2", "--delay", "100ms");
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => openClient(t, { port: weir.port })),
  );
  const startedMs = performance.now();
  const ends = await Promise.all(
    clients.map(async (client) => {
      assert.equal((await client.ask("/a.txt")).status, 200);
      return performance.now() - startedMs;
    }),
  );
  // Each takes 100 ms of its place: answer number n (from 0) cannot come before round n / 2 is over.
  for (const [index, endMs] of ends.sort((a, b) => a - b).entries()) {
    const earliestMs = 100 * (Math.floor(index / 2) + 1) - 5;
    assert.ok(endMs >= earliestMs, `answer ${index} after ${endMs} ms, not before ${earliestMs}`);
  }
});

test("a client that leaves the queue, or its answer, lets the others pass [concurrency 1]", async (t) => {
  const weir = await serve(t, "--workers", "2", "--concurrency", "1", "--delay", "100ms");
  const { port } = weir;
  const [first, gone, last] = (await Promise.all([1, 2, 3].map(() => openClient(t, { port })))) as [
    KeepAliveClient,
    KeepAliveClient,
    KeepAliveClient,
  ];
  const answer = first.ask("/a.txt");
  gone.socket.write(formatRequest("/a.txt"));
  await sleep(20);
  // A reset: after a mere end it could still be reading.
  gone.socket.resetAndDestroy();
  assert.equal((await answer).status, 200);
  assert.equal((await last.ask("/a.txt")).status, 200);
  // In the middle of a body that does not fit into the buffers between us.
  const reader = connect(port, "127.0.0.1");
  reader.write(formatRequest("/large.bin"));
  await once(reader, "data");
  reader.pause();
  await sleep(50);
  reader.destroy();
  assert.equal((await last.ask("/a.txt")).status, 200);
  // One who left before its turn has got nothing, so it is no hit.
  assert.equal(await hitsOf(last, "a.txt"), 3);
});

test("100 connections wait for one place and all are answered [concurrency 1, 3 threads]", async (t) => {
  const weir = await serve(t, "--workers", "3", "--concurrency", "1");
  const exchanges = await Promise.all(
    Array.from({ length: 100 }, () =>
      rawExchange({
        port: weir.port,
        send: formatRequest("/a.txt", { fields: "Connection: close\r\n" }),
        timeoutMs: WAIT_MS_MAX,
      }),
    ),
  );
  for (const { responses } of exchanges) assert.equal(responses[0]?.status, 200);
  const client = await openClient(t, { port: weir.port });
  assert.equal(await hitsOf(client, "a.txt"), 100);
});
