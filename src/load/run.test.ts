import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { findFreePort } from "../../test/fixtures/free-port.ts";
import { formatAnswer, startScriptedServer } from "../../test/fixtures/scripted-server.ts";
import { type LoadOptions, runLoad } from "./run.ts";

function optionsFor(port: number, more: Partial<LoadOptions> = {}): LoadOptions {
  return {
    host: "127.0.0.1",
    port,
    requestTarget: "/a?b",
    requests: 20,
    connections: 4,
    keepAlive: true,
    timeoutMs: 20_000,
    ...more,
  };
}

const answerOk = (socket: Socket) => socket.write(formatAnswer(200, "hello"));

test("20 requests over 4 kept connections open 4 and are all admitted", async (t) => {
  // The first four are answered together: else fewer connections might do for all.
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex >= 4) return answerOk(socket);
    waiting.push(socket);
    if (waiting.length === 4) waiting.forEach(answerOk);
    return undefined;
  });
  const result = await runLoad(optionsFor(server.port));
  assert.deepEqual([result.total, result.admitted, result.interrupted], [20, 20, false]);
  assert.equal(result.bodyBytes, 100);
  assert.equal(result.latencyMs.all?.count, 20);
  assert.equal(server.connectionCount(), 4);
  assert.match(server.requestHeads[0]!, /^GET \/a\?b HTTP\/1\.1\r\n/);
});

test("50 requests without keep-alive are all on their way before any is answered", async (t) => {
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket) => {
    waiting.push(socket);
    if (waiting.length === 50) waiting.forEach(answerOk);
  });
  const options = { requests: 50, connections: 250, keepAlive: false };
  const result = await runLoad(optionsFor(server.port, options));
  assert.equal(result.admitted, 50);
  assert.equal(server.connectionCount(), 50);
  assert.equal(result.plan.connections, 50);
});

test("never more than 3 requests are on their way where 3 connections are allowed", async (t) => {
  let openCount = 0;
  let openCountMax = 0;
  const server = await startScriptedServer(t, (socket) => {
    openCountMax = Math.max(openCountMax, ++openCount);
    setImmediate(() => {
      openCount--;
      answerOk(socket);
    });
  });
  const options = { requests: 30, connections: 3, keepAlive: false };
  assert.equal((await runLoad(optionsFor(server.port, options))).admitted, 30);
  assert.ok(openCountMax <= 3, `${openCountMax} were open`);
});

test("spaced submissions start in order although none is answered", async (t) => {
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket) => {
    waiting.push(socket);
    if (waiting.length === 5) waiting.forEach(answerOk);
  });
  const options = { requests: 5, connections: 250, keepAlive: false, delayMs: 5 };
  const result = await runLoad(optionsFor(server.port, options));
  assert.equal(result.admitted, 5);
  assert.ok(result.durationMs >= 20, `5 submissions, 5 ms apart, took ${result.durationMs} ms`);
});

test("statuses 200, 404 and 429 and a reset are told apart", async (t) => {
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex % 4 === 3) socket.resetAndDestroy();
    else socket.write(formatAnswer([200, 404, 429][requestIndex % 4]!, "x"));
  });
  const options = { requests: 40, connections: 1, keepAlive: false };
  const result = await runLoad(optionsFor(server.port, options));
  assert.deepEqual(result.byStatus, { 200: 10, 404: 10, 429: 10 });
  assert.equal(result.failuresByReason.reset?.count, 10);
  assert.deepEqual([result.admitted, result.refused, result.failed], [10, 10, 20]);
});

test("a run against a port where nothing listens ends with refused for all", async () => {
  const port = await findFreePort();
  const result = await runLoad(optionsFor(port, { keepAlive: false }));
  assert.deepEqual([result.total, result.answered], [20, 0]);
  assert.equal(result.failuresByReason.refused?.count, 20);
});

test("a host that is unknown (weir.invalid) fails every request", async () => {
  const result = await runLoad(optionsFor(1, { host: "weir.invalid" }));
  assert.equal(result.failuresByReason["host-unknown"]?.count, 20);
});

test("an aborted run reports what is done and abandons what is on its way", async (t) => {
  const controller = new AbortController();
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex < 5) answerOk(socket);
    else controller.abort();
  });
  const options = { connections: 1, signal: controller.signal };
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.total, result.admitted, result.abandoned], [5, 5, 1]);
  assert.equal(result.interrupted, true);
});

test("a run that is aborted while it waits for the next submission ends at once", async (t) => {
  const controller = new AbortController();
  const { port } = await startScriptedServer(t, (socket) => {
    answerOk(socket);
    setTimeout(() => controller.abort(), 20);
  });
  const options = { delayMs: 3_600_000, signal: controller.signal };
  const result = await runLoad(optionsFor(port, options));
  assert.equal(result.interrupted, true);
  assert.equal(result.total + result.abandoned, 1);
});

test("a run whose signal was aborted before it began sends nothing", async (t) => {
  const server = await startScriptedServer(t, answerOk);
  const result = await runLoad(optionsFor(server.port, { signal: AbortSignal.abort() }));
  assert.deepEqual([result.total, server.connectionCount()], [0, 0]);
});
