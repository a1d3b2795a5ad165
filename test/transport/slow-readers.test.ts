// Clients that read slowly, or not at all, against the real server and real sockets: the server
// waits for a client that takes something, ends one that takes nothing, and lets no other client wait.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { bodyOf, get, openStuck } from "../fixtures/slow-reader.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

/** More than the buffers of both kernels take. */
const LARGE = Buffer.alloc(24 * 1024 * 1024, "0123456789abcdef");
const WAIT_MS_MAX = 60_000;

function makeFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "small", "large.bin": LARGE, zipped: { "large.bin": LARGE } });
  return dir;
}

function serve(t: TestContext, dir: string, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir, args: ["--rate", "off", "--workers", "1", ...args] });
}

test("a client that takes nothing for the stall timeout is ended, one that goes on before gets the whole file [3s]", async (t) => {
  const weir = await serve(t, makeFolder(t), "--stall-timeout", "3s", "--log", "json");
  const gone = await openStuck(t, weir.port, get("/large.bin"));
  const paused = await openStuck(t, weir.port, get("/large.bin", "Connection: close\r\n"));
  // A little more than the kernels' buffers hold each time, so that it is seen on the other side.
  while (!paused.isClosed) {
    // Three of these are longer than the timeout, and each is so much shorter that a busy machine may
    // add to it.
    await sleep(1500);
    const { length } = bodyOf(paused);
    paused.socket.resume();
    await waitUntil(
      "more has come",
      () => bodyOf(paused).length > length + 6_000_000 || paused.isClosed,
    );
    paused.socket.pause();
    if (bodyOf(paused).length === LARGE.length) break;
  }
  assert.ok(bodyOf(paused).equals(LARGE));
  // A fast reader is done before the timeout is: the server says when it has ended the other.
  await waitUntil("the other is ended", () => /"complete":false/.test(weir.stdout()));
  gone.socket.resume();
  await waitUntil("the other connection is closed", () => gone.isClosed);
  assert.ok(bodyOf(gone).length < LARGE.length);
});

test("a paused reader of an answer that ends by close gets all of it [HTTP/1.0 and 1.1, one ends its side]", async (t) => {
  const weir = await serve(t, makeFolder(t), "--idle-timeout", "200ms");
  const old = await openStuck(t, weir.port, get("/large.bin", "", "1.0"));
  const half = await openStuck(t, weir.port, get("/large.bin", "Connection: close\r\n"));
  const kept = await openStuck(t, weir.port, get("/large.bin"));
  half.socket.end();
  await sleep(1000);
  for (const reader of [old, half, kept]) {
    reader.socket.resume();
    await waitUntil("the connection is closed", () => reader.isClosed);
    assert.ok(bodyOf(reader).equals(LARGE));
  }
});

test("--idle-timeout and --head-timeout are what answers announce and clients get [2s, 300ms]", async (t) => {
  const dir = makeFolder(t);
  const weir = await startWeir(t, {
    dir,
    args: ["--rate", "off", "--head-timeout", "300ms"],
    env: { WEIR_IDLE_TIMEOUT: "2s" },
  });
  const { port } = weir;
  const kept = rawExchange({ port, send: get("/a.txt"), timeoutMs: WAIT_MS_MAX });
  const half = await rawExchange({ port, send: "GET / HTTP/1.1\r\n", timeoutMs: WAIT_MS_MAX });
  assert.equal(half.responses[0]?.status, 408);
  assert.match(half.responses[0]?.body.toString() ?? "", /within 0\.3 s/);
  const { responses, closed } = await kept;
  assert.equal(closed, "end");
  assert.equal(responses[0] && fieldValue(responses[0], "keep-alive"), "timeout=2");
});

test("readers that read nothing hold no turns: others are answered [--concurrency 2]", async (t) => {
  const weir = await serve(t, makeFolder(t), "--concurrency", "2");
  for (let count = 0; count < 2; count++) await openStuck(t, weir.port, get("/large.bin"));
  const { responses } = await rawExchange({
    port: weir.port,
    send: get("/a.txt", "Connection: close\r\n"),
    timeoutMs: WAIT_MS_MAX,
  });
  assert.equal(responses[0]?.body.toString(), "small");
});
