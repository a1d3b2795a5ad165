import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { formatAnswer, startScriptedServer } from "../../test/fixtures/scripted-server.ts";
import type { LiveState } from "./live-state.ts";
import { type LoadOptions, runLoad } from "./run.ts";
import { DRAIN_MS_MAX } from "./thread-run.ts";

function optionsFor(port: number, more: Partial<LoadOptions> = {}): LoadOptions {
  const base = { host: "127.0.0.1", port, requestTarget: "/", timeoutMs: 20_000 };
  return { ...base, requests: 20, connections: 4, keepAlive: true, ...more };
}

const open = (ratePerSecond: number, durationMs?: number): Partial<LoadOptions> => ({
  model: { kind: "open", stages: [{ durationMs, ratePerSecond }] },
});

const answerOk = (socket: Socket) => socket.write(formatAnswer(200, "hello"));

/** Answers the first request after `stallMs`, and all that come until then with it. */
function stall(stallMs: number) {
  const waiting: Socket[] = [];
  let isOver = false;
  return (socket: Socket, requestIndex: number) => {
    if (isOver) return answerOk(socket);
    waiting.push(socket);
    if (requestIndex > 0) return undefined;
    return setTimeout(() => {
      isOver = true;
      waiting.forEach(answerOk);
    }, stallMs);
  };
}

test("an open run over one connection counts a stall of 300 ms for all that were due in it", async (t) => {
  const { port } = await startScriptedServer(t, stall(300));
  const options = { ...open(100), requests: 30, connections: 1 };
  const result = await runLoad(optionsFor(port, options));
  assert.equal(result.admitted, 30);
  const { latencyMs, latencyFromDueMs } = result;
  // Sent one by one, only the first request met the stall; each of the 29 others was due 10 ms later
  // than the one before and had to wait for the rest of it.
  assert.ok(latencyFromDueMs!.all!.p50 >= 100, `p50 from due: ${latencyFromDueMs!.all!.p50}`);
  assert.ok(latencyFromDueMs!.all!.p99 >= 295);
  assert.ok(latencyMs.all!.max >= 295);
  assert.ok(result.late >= 20, `${result.late} late`);
  assert.equal(result.neverSent, 0);
});

test("an open run whose time is over tells what was never sent, and waits for what is", async (t) => {
  const waiting: Socket[] = [];
  const { port } = await startScriptedServer(t, (socket) => waiting.push(socket));
  const options = { ...open(100, 300), requests: undefined, connections: 2 };
  setTimeout(() => waiting.forEach(answerOk), 600);
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.total, result.neverSent, result.abandoned], [2, 28, 0]);
  assert.equal(result.interrupted, false);
  assert.deepEqual(
    result.seconds.map(({ due }) => due),
    [30],
  );
});

test("stages follow each other: 10 requests at 100/s, then 20 at 200/s, all due and sent", async (t) => {
  const { port } = await startScriptedServer(t, answerOk);
  const stages = [
    { durationMs: 100, ratePerSecond: 100 },
    { durationMs: 100, ratePerSecond: 200 },
  ];
  const options = { model: { kind: "open", stages }, requests: undefined } as const;
  const result = await runLoad(optionsFor(port, options));
  assert.equal(result.total + result.neverSent, 30);
  assert.ok(result.durationMs >= 185, `took ${result.durationMs} ms`);
  assert.ok(Math.abs(result.rate.intended! - 150) < 15, `intended ${result.rate.intended}`);
});

test("a run of 200 ms ends although the server stalls: what is on its way is abandoned", async (t) => {
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex < 50) answerOk(socket);
  });
  const options = { requests: undefined, durationMs: 200, timeoutMs: 60_000 };
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.total, result.abandoned, result.interrupted], [50, 4, false]);
  assert.ok(result.durationMs >= DRAIN_MS_MAX);
});

test("what is sent in the warm-up is not counted", async (t) => {
  const server = await startScriptedServer(t, (socket) => setTimeout(answerOk, 2, socket));
  const result = await runLoad(optionsFor(server.port, { warmUpMs: 150, requests: 10 }));
  assert.deepEqual([result.total, result.latencyMs.all?.count], [10, 10]);
  assert.ok(server.requestHeads.length > 10, `${server.requestHeads.length} were sent`);
});

test("pipelining sends 8 requests on a connection before the first is answered", async (t) => {
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket) => {
    waiting.push(socket);
    if (waiting.length >= 8) for (const other of waiting.splice(0)) answerOk(other);
  });
  const options = { connections: 1, pipelining: 8, requests: 40 };
  const result = await runLoad(optionsFor(server.port, options));
  assert.deepEqual([result.admitted, server.connectionCount()], [40, 1]);
});

test("pipelined requests behind a close are sent again, and none is lost or counted twice", async (t) => {
  // It answers two of each connection and closes, whatever else it was asked.
  const answered = new Map<number, number>();
  const server = await startScriptedServer(t, (socket, _requestIndex, connectionIndex) => {
    const count = (answered.get(connectionIndex) ?? 0) + 1;
    answered.set(connectionIndex, count);
    if (count === 1) answerOk(socket);
    if (count === 2) socket.end(formatAnswer(200, "x", ["Connection: close"]));
  });
  const options = { connections: 1, pipelining: 4, requests: 20 };
  const result = await runLoad(optionsFor(server.port, options));
  assert.deepEqual([result.total, result.admitted, result.failed], [20, 20, 0]);
  assert.ok(result.retried > 0);
});

test("three URLs are asked for in turn, over two threads too", async (t) => {
  for (const threads of [1, 2]) {
    const server = await startScriptedServer(t, answerOk);
    const options = { requestTarget: "/a", moreTargets: ["/b", "/c"], requests: 30, threads };
    const result = await runLoad(optionsFor(server.port, options));
    const targets = server.requestHeads.map((head) => head.split(" ")[1]);
    for (const target of ["/a", "/b", "/c"]) {
      assert.equal(targets.filter((other) => other === target).length, 10, `${target}, ${threads}`);
    }
    assert.equal(result.plan.urls.length, 3);
  }
});

test("three threads share 100 requests and 5 connections, and count what one would", async (t) => {
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex >= 5) return answerOk(socket);
    waiting.push(socket);
    if (waiting.length === 5) waiting.forEach(answerOk);
    return undefined;
  });
  const options = { threads: 3, connections: 5, requests: 100 };
  const result = await runLoad(optionsFor(server.port, options));
  assert.deepEqual([result.total, result.admitted, result.plan.threads], [100, 100, 3]);
  assert.equal(result.latencyMs.all?.count, 100);
  assert.equal(server.connectionCount(), 5);
  assert.equal(server.requestHeads.length, 100);
});

test("a run in two threads stops at the signal and tells what is done", async (t) => {
  const controller = new AbortController();
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex < 10) answerOk(socket);
    else if (requestIndex === 11) controller.abort();
  });
  const options = { threads: 2, connections: 2, requests: 1000, signal: controller.signal };
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.total, result.interrupted, result.abandoned], [10, true, 2]);
});

test("live states rise to the whole, with what is planned", async (t) => {
  const { port } = await startScriptedServer(t, (socket) => setTimeout(answerOk, 20, socket));
  const states: LiveState[] = [];
  const onLive = (state: LiveState) => states.push(state);
  await runLoad(optionsFor(port, { connections: 1, requests: 30, onLive }));
  const done = states.map((state) => state.done);
  assert.ok(done.length >= 2 && done[0]! < done.at(-1)!, done.join(" "));
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    done,
  );
  assert.ok(states.every(({ planned, failed }) => planned === 30 && failed === 0));
  assert.ok(states.at(-1)!.rate > 0 && states.at(-1)!.p50Ms! >= 19);
});

test("bodies are compared: equal ones are 1, and two of one URL are 2", async (t) => {
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    socket.write(formatAnswer(200, requestIndex === 7 ? "other" : "hello"));
  });
  const options = { connections: 2, requests: 7, checksBodies: true };
  assert.deepEqual((await runLoad(optionsFor(port, options))).bodies, { distinct: 1 });
  assert.deepEqual((await runLoad(optionsFor(port, options))).bodies, { distinct: 2 });
});

/** An exact window of 5 in 200 ms for each address, that tells as weir's own server does. */
function startLimitedServer(t: Parameters<typeof startScriptedServer>[0]) {
  const windowMs = 200;
  const admitted = new Map<string, number[]>();
  return startScriptedServer(t, (socket) => {
    const nowMs = performance.now();
    const address = socket.remoteAddress!;
    const recent = (admitted.get(address) ?? []).filter((atMs) => atMs > nowMs - windowMs);
    const isAdmitted = recent.length < 5;
    if (isAdmitted) recent.push(nowMs);
    admitted.set(address, recent);
    const waitSeconds = (recent[0]! + windowMs - nowMs) / 1000;
    const state = `"default";r=${5 - recent.length};t=1;weir-t=${waitSeconds.toFixed(6)}`;
    const fields = ['RateLimit-Policy: "default";q=5;w=0.2', `RateLimit: ${state}`];
    socket.write(formatAnswer(isAdmitted ? 200 : 429, "x", fields));
  });
}

test("a polite run of 22 requests is never refused, and comes to its end", async (t) => {
  const { port } = await startLimitedServer(t);
  const options = { connections: 10, requests: 22, polite: true, threads: 4 };
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.admitted, result.refused, result.failed], [22, 0, 0]);
  assert.equal(result.plan.threads, 1);
  assert.equal(result.limit?.policy, '"default";q=5;w=0.2');
});

test("a polite run from three addresses has the allowance of each", {
  skip: process.platform !== "linux" && "only Linux has all of 127.0.0.0/8",
}, async (t) => {
  const { port } = await startLimitedServer(t);
  const sources = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
  const options = { connections: 6, requests: 30, polite: true, sources };
  const result = await runLoad(optionsFor(port, options));
  assert.deepEqual([result.admitted, result.refused], [30, 0]);
  assert.ok(result.sources.every(({ admitted }) => admitted >= 5));
});

test("an impolite run is told how long to wait, and the server keeps its word", async (t) => {
  const { port } = await startLimitedServer(t);
  const options = { connections: 1, requests: 40, delayMs: 15 };
  const { refused, limit } = await runLoad(optionsFor(port, options));
  assert.ok(refused > 0);
  assert.equal(limit?.told, refused);
  assert.equal(limit?.broken, 0);
  assert.ok(limit!.waitMsMax! <= 201);
});
