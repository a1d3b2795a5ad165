// Slow and greedy clients against the real server: heads that trickle in, connections without end.
// Times are printed, not judged; what is judged is that every connection is ended by the server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const SLOW_COUNT = 1000;
const POLITE_COUNT = 100;
const DEADLINE_S = 10;
/** Only a connection that the server never ends takes this long. */
const ENDED_WITHIN_MS = 120_000;
/** How many connections one client may have open. */
const QUOTA = 256;

/** Sends a head a few bytes at a time and never ends it. Resolves with how the server ended it. */
async function trickle(port: number): Promise<{ answer: string; seconds: number }> {
  const startedMs = performance.now();
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: weir.test\r\n");
  const timer = setInterval(() => socket.write("X-A: b\r\n"), 500);
  const tooLate = setTimeout(() => socket.destroy(), ENDED_WITHIN_MS);
  await once(socket, "close");
  clearInterval(timer);
  clearTimeout(tooLate);
  return { answer, seconds: (performance.now() - startedMs) / 1000 };
}

function connectFrom(localAddress: string, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  // The close behind a reset reports it.
  socket.on("error", () => {});
  return socket;
}

/** The status line's first words; "closed" when the server ends the connection without an answer. */
function fetchOnce(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const onData = (chunk: Buffer) => resolve(chunk.toString("latin1").slice(0, 15));
  const onClose = () => resolve("closed");
  socket.on("data", onData).on("close", onClose);
  socket.write("GET /a.txt HTTP/1.1\r\nHost: weir.test\r\n\r\n");
  return promise.finally(() => socket.off("data", onData).off("close", onClose));
}

test("1,000 connections that trickle a head are ended, and another address is served meanwhile", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startWeir(t, { dir, args: ["--rate", "off"] });
  const slow = Promise.all(Array.from({ length: SLOW_COUNT }, () => trickle(weir.port)));
  const latenciesMs: number[] = [];
  const polite = connectFrom("127.0.0.2", weir.port);
  for (let index = 0; index < POLITE_COUNT; index++) {
    const startedMs = performance.now();
    assert.equal(await fetchOnce(polite), "HTTP/1.1 200 OK");
    latenciesMs.push(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  polite.destroy();
  const ended = await slow;
  const refused = ended.filter(({ answer }) => answer.startsWith("HTTP/1.1 503"));
  const timedOut = ended.filter(({ answer }) => answer.startsWith("HTTP/1.1 408"));
  // The rest is refused at once. Where a slow machine is still connecting when the first ones have timed
  // out, others take their places.
  const slowestS = Math.max(...ended.map(({ seconds }) => seconds));
  const turns = Math.max(1, Math.floor(slowestS / DEADLINE_S));
  assert.ok(timedOut.length >= QUOTA && timedOut.length <= turns * QUOTA, `${timedOut.length}`);
  assert.equal(refused.length, SLOW_COUNT - timedOut.length);
  latenciesMs.sort((a, b) => a - b);
  t.diagnostic(`the slowest ended after ${slowestS.toFixed(1)} s`);
  t.diagnostic(`p99 of the other address: ${latenciesMs[98]?.toFixed(1)} ms`);
});

test("a client that has its connections back may open new ones [--client-connections 3]", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--client-connections", "3"] });
  const held = Array.from({ length: 3 }, () => connectFrom("127.0.0.1", weir.port));
  for (const socket of held) assert.equal(await fetchOnce(socket), "HTTP/1.1 200 OK");
  const fourth = connectFrom("127.0.0.1", weir.port);
  assert.equal(await fetchOnce(fourth), "HTTP/1.1 503 Se");
  const other = connectFrom("127.0.0.2", weir.port);
  assert.equal(await fetchOnce(other), "HTTP/1.1 200 OK");
  for (const socket of [...held, fourth, other]) socket.destroy();
  // The server learns of the closed connections when the kernel tells it: soon, not at once.
  for (;;) {
    const again = connectFrom("127.0.0.1", weir.port);
    const answer = await fetchOnce(again);
    again.destroy();
    if (answer === "HTTP/1.1 200 OK") break;
    assert.equal(answer, "HTTP/1.1 503 Se");
  }
});

test("a server short of descriptors goes on and recovers [ulimit -n 100]", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startWeir(t, { dir, args: ["--rate", "off"], descriptorsMax: 100 });
  const sockets = Array.from({ length: 300 }, (_, index) =>
    connectFrom(`127.0.1.${1 + (index % 100)}`, weir.port),
  );
  // Answered, or turned away: nobody is left waiting.
  const outcomes = await Promise.all(sockets.map(fetchOnce));
  assert.ok(outcomes.includes("HTTP/1.1 200 OK"));
  for (const socket of sockets) socket.destroy();
  for (;;) {
    const again = connectFrom("127.0.0.1", weir.port);
    const answer = await fetchOnce(again);
    again.destroy();
    if (answer === "HTTP/1.1 200 OK") break;
  }
  assert.equal((await weir.stop()).code, 0);
});
