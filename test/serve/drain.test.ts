// Stopping the real command: answers in progress are finished, idle connections closed in order, no
// client is reset, and the exit code says what happened.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../fixtures/process-facts.ts";
import { openRawConnection, type RawConnection, rawExchange } from "../fixtures/raw-client.ts";
import { fieldValue, splitResponses } from "../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const LARGE_BYTES = 30 * 1024 * 1024;
const GET_SMALL = "GET /a.txt HTTP/1.1\r\nHost: weir.test\r\n\r\n";
const GET_LARGE = "GET /large.bin HTTP/1.1\r\nHost: weir.test\r\n\r\n";
const ANSWER_MS_MAX = 60_000;

async function serve(t: TestContext, args: readonly string[] = []): Promise<WeirProcess> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "small", "large.bin": Buffer.alloc(LARGE_BYTES, "x") });
  return startWeir(t, { dir, args: ["--rate", "off", "--workers", "2", ...args] });
}

async function open(t: TestContext, { port }: WeirProcess): Promise<RawConnection> {
  const connection = await openRawConnection({ port });
  t.after(() => connection.destroy());
  return connection;
}

/** An open connection that has had its first answer. */
async function openUsed(t: TestContext, weir: WeirProcess): Promise<RawConnection> {
  const connection = await open(t, weir);
  await connection.send(GET_SMALL);
  await connection.waitFor({ kind: "responses", count: 1 }, ["GET"], ANSWER_MS_MAX);
  return connection;
}

/** A connection that has the beginning of a large answer, and reads no more of it. */
async function openStuck(t: TestContext, weir: WeirProcess): Promise<RawConnection> {
  const connection = await open(t, weir);
  const first = once(connection.socket, "data");
  connection.socket.once("data", () => connection.socket.pause());
  await connection.send(GET_LARGE);
  await first;
  return connection;
}

/** The server has stopped listening: every thread that acts on the signal at once has seen it. */
function waitUntilRefused({ port }: WeirProcess): Promise<void> {
  let isRefused = false;
  const look = () => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => socket.destroy());
    socket.on("error", () => {
      isRefused = true;
    });
  };
  return waitUntil("connections are refused", () => {
    if (!isRefused) look();
    return isRefused;
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: an answer to a slow reader is finished, then the server ends with 0`, async (t) => {
    const weir = await serve(t, ["--drain", "1m"]);
    const slow = await openStuck(t, weir);
    weir.child.kill(signal);
    await waitUntilRefused(weir);
    assert.equal(weir.child.exitCode, null);
    slow.socket.resume();
    await slow.waitFor({ kind: "closed" }, ["GET"], ANSWER_MS_MAX);
    const [response] = splitResponses(slow.bytes, { ended: true }).responses;
    assert.equal(response?.body.length, LARGE_BYTES);
    assert.deepEqual(await weir.ended, { code: 0, signal: null });
    assert.equal(slow.closed, "end");
    assert.equal(weir.stderr().split("\n").length, 2, "nothing but the ready line");
  });
}

test("an answer that is still being made is finished, and says close [--delay 2s]", async (t) => {
  const weir = await serve(t, ["--delay", "2s", "--workers", "1"]);
  const connection = await open(t, weir);
  await connection.send(GET_SMALL);
  // A refusal does not wait for the delay. The thread has read what came before it.
  const refused = await rawExchange({ port: weir.port, send: "no request\r\n\r\n" });
  assert.equal(refused.responses[0]?.status, 400);
  const ended = weir.stop();
  await connection.waitFor({ kind: "closed" }, ["GET"], ANSWER_MS_MAX);
  const [response] = splitResponses(connection.bytes, { ended: true }).responses;
  assert.equal(response?.body.toString(), "small");
  assert.equal(response && fieldValue(response, "connection"), "close");
  assert.equal(connection.closed, "end");
  assert.equal((await ended).code, 0);
});

test("idle connections are ended in order, not reset, and the server ends with 0", async (t) => {
  const weir = await serve(t);
  const used = await Promise.all(Array.from({ length: 20 }, () => openUsed(t, weir)));
  const unused = await Promise.all(Array.from({ length: 20 }, () => open(t, weir)));
  const ended = weir.stop();
  for (const connection of [...used, ...unused]) {
    await connection.waitFor({ kind: "closed" }, [], ANSWER_MS_MAX);
    assert.equal(connection.closed, "end");
    connection.end();
  }
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test("a request on an open connection during the grace is answered with Connection: close", async (t) => {
  const weir = await serve(t);
  const connection = await openUsed(t, weir);
  const ended = weir.stop();
  await waitUntilRefused(weir);
  if (connection.closed !== "open") {
    t.skip("this machine was too slow to be within the grace of half a second");
    return;
  }
  await connection.send(GET_SMALL);
  await connection.waitFor({ kind: "closed" }, ["GET"], ANSWER_MS_MAX);
  const { responses } = splitResponses(connection.bytes, { ended: true });
  assert.equal(connection.closed, "end");
  const [, second] = responses;
  // Too late for an answer is allowed, when the end was on its way; a reset is not.
  if (second !== undefined) {
    assert.equal(second.body.toString(), "small");
    assert.equal(fieldValue(second, "connection"), "close");
  }
  assert.equal((await ended).code, 0);
});

const POLITE_COUNT = 50;

/** Asks again and again, as a browser does, until the server says close or ends. */
async function askUntilClosed(
  t: TestContext,
  weir: WeirProcess,
  onAnswer: (count: number) => void,
): Promise<void> {
  const connection = await open(t, weir);
  for (let count = 1; connection.closed === "open"; count++) {
    await connection.send(GET_SMALL);
    const methods = Array.from({ length: count }, () => "GET");
    await connection.waitFor({ kind: "responses", count }, methods, ANSWER_MS_MAX);
    const { responses, rest } = splitResponses(connection.bytes, { methods });
    assert.equal(rest.length, 0);
    for (const { status } of responses) assert.equal(status, 200);
    onAnswer(responses.length);
    const last = responses.at(-1);
    if (last === undefined || fieldValue(last, "connection") === "close") break;
    await sleep(count % 7);
  }
  await connection.waitFor({ kind: "closed" }, ["GET"], ANSWER_MS_MAX);
  assert.equal(connection.closed, "end");
  connection.end();
}

test("each of 50 busy clients gets Connection: close, or is ended between two requests; none is reset", async (t) => {
  const weir = await serve(t);
  const answerCounts = new Array<number>(POLITE_COUNT).fill(0);
  const clients = answerCounts.map((_count, index) =>
    askUntilClosed(t, weir, (count) => {
      answerCounts[index] = count;
    }),
  );
  await waitUntil("each client has had some answers", () => Math.min(...answerCounts) >= 5);
  const ended = weir.stop();
  await Promise.all(clients);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`a second ${signal} ends at once with ${code}`, async (t) => {
    const weir = await serve(t, ["--drain", "1h"]);
    await openStuck(t, weir);
    weir.child.kill("SIGTERM");
    await waitUntilRefused(weir);
    assert.equal(weir.child.exitCode, null);
    weir.child.kill(signal);
    assert.deepEqual(await weir.ended, { code, signal: null });
  });
}

test("--drain 1s: a reader that never reads is cut off, with one line of warning and code 0", async (t) => {
  const weir = await serve(t, ["--drain", "1s"]);
  const stuck = await openStuck(t, weir);
  assert.deepEqual(await weir.stop(), { code: 0, signal: null }, weir.stderr());
  const [, warning, ...others] = weir.stderr().split("\n");
  assert.match(warning ?? "", /^weir: answers still in progress after 1 s were cut off/);
  assert.deepEqual(others, [""]);
  stuck.socket.resume();
  await stuck.waitFor({ kind: "closed" }, ["GET"], ANSWER_MS_MAX);
  assert.throws(() => splitResponses(stuck.bytes, { ended: true }), /in the middle/);
});
