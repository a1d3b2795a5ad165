// The store goes, in every way that a store goes: no request waits for it or fails, one line says what has
// happened, another says that it is over, and the limit holds again by itself.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AdminWeir,
  readMetrics,
  readSnapshot,
  startAdminWeir,
} from "../fixtures/admin-weir.ts";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { parseJsonLog } from "../fixtures/log-lines.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { prepareRedis, type RedisServer, startRedis } from "../fixtures/redis-server.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";

const WAIT_MS_MAX = 60_000;
/** An answer that waits for the store never comes. The promise is 50 ms; the machine may be busy. */
const ANSWER_MS_MAX = 20_000;

async function start(t: TestContext, url: string, ...args: string[]): Promise<AdminWeir> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  const all = ["--workers", "2", "--rate", "2/m", "--store", url, ...args];
  return startAdminWeir(t, { dir, args: all });
}

async function readiness(weir: AdminWeir): Promise<string> {
  const response = await fetch(`${weir.adminUrl}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
}

async function comesTo(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadlineMs, `it never came to this: ${what}`);
    await sleep(20);
  }
}

function linesAbout(weir: AdminWeir): string[] {
  return weir
    .stderr()
    .split("\n")
    .filter((line) => line.includes("the store"));
}

/** Statuses of so many requests; each is answered in time. */
async function ask(client: KeepAliveClient, times: number): Promise<string> {
  const statuses: number[] = [];
  for (let index = 0; index < times; index++) {
    const fromMs = performance.now();
    statuses.push((await client.ask("/a.txt")).status);
    const tookMs = performance.now() - fromMs;
    assert.ok(tookMs < ANSWER_MS_MAX, `an answer took ${tookMs} ms`);
  }
  return statuses.join(" ");
}

let clientCount = 0;
/** Another client each time, with an empty window. */
function newClient(t: TestContext, { port }: AdminWeir): Promise<KeepAliveClient> {
  clientCount++;
  return openClient(t, { port, localAddress: `127.0.1.${clientCount}` });
}

/**
 * On a machine that is busy with other tests the store may not answer within the 50 ms that weir waits: weir
 * is right to say that it is gone, and that it is back. So tests look at the last line, and the lines before
 * it may only be of this kind.
 */
const BUSY = /\(it does not answer\)/;

async function isGone(weir: AdminWeir, reason: RegExp): Promise<void> {
  const last = () => linesAbout(weir).at(-1) ?? "";
  await comesTo(`gone: ${reason}`, () => reason.test(last()));
  assert.match(last(), /^weir: the store redis:\/\/127\.0\.0\.1:\d+\/0 is gone \(/);
  assert.match(last(), /: until it is back each server keeps its own limit$/);
  assert.equal(await readiness(weir), "200 degraded: the store is gone");
  const { store } = await readSnapshot(weir);
  assert.equal(store?.isUp, false);
  assert.match(`(${store?.reason})`, reason);
  assert.equal((await readMetrics(weir)).get("weir_store_up"), 0);
}

/** By itself. */
async function isBack(weir: AdminWeir): Promise<void> {
  await comesTo("back", async () => {
    if ((await readiness(weir)) !== "200 ok") return false;
    const isUp = (await readMetrics(weir)).get("weir_store_up") === 1;
    return isUp && (await readSnapshot(weir)).store?.isUp === true;
  });
  await comesTo("a line", () => /is back$/.test(linesAbout(weir).at(-1) ?? ""));
}

/** One line for each change, however many requests and threads have noticed it. */
function assertOneLineEach(weir: AdminWeir, reason: RegExp): void {
  const lines = linesAbout(weir);
  for (const [index, line] of lines.entries()) {
    const isGoneLine = index % 2 === 0;
    assert.match(line, isGoneLine ? / is gone \(/ : /^weir: the store redis:\S+ is back$/);
    if (isGoneLine && !reason.test(line)) assert.match(line, BUSY);
  }
  if (reason.source === BUSY.source) return;
  assert.equal(lines.filter((line) => reason.test(line)).length, 1, lines.join("\n"));
}

interface Failure {
  readonly name: string;
  readonly reason: RegExp;
  /** undefined: there is no store at the start. */
  readonly options?: readonly string[] | undefined;
  /** undefined: it fails from the start. */
  readonly breakIt?: (store: RedisServer) => Promise<void> | void;
  readonly mendIt: (store: RedisServer) => Promise<unknown> | undefined;
}

const FAILURES: readonly Failure[] = [
  {
    name: "is killed, and starts again empty",
    reason: /\((?:connection refused|it closed the connection)\)/,
    options: [],
    breakIt: (store) => store.kill9(),
    mendIt: (store) => store.start(),
  },
  {
    name: "hangs without closing, and goes on",
    reason: /\(it does not answer\)/,
    options: [],
    breakIt: (store) => store.pause(),
    mendIt: async (store) => store.resume(),
  },
  {
    name: "is not there at the start",
    reason: /\(connection refused\)/,
    mendIt: (store) => store.start(),
  },
  {
    name: "hangs from the start",
    reason: /\(it does not answer\)/,
    options: ["paused"],
    mendIt: async (store) => store.resume(),
  },
  {
    name: "is full",
    reason: /\(it is full: maxmemory is reached, and nothing may be evicted\)/,
    options: [],
    breakIt: async (store) => void (await store.ask("CONFIG SET maxmemory 1")),
    mendIt: (store) => store.ask("CONFIG SET maxmemory 0"),
  },
  {
    name: "becomes a read-only replica",
    reason: /\(it is a read-only replica\)/,
    options: [],
    breakIt: async (store) => void (await store.ask("REPLICAOF 127.0.0.1 1")),
    mendIt: (store) => store.ask("REPLICAOF NO ONE"),
  },
  {
    name: "wants a password that is missing",
    reason: /\(it wants a password, and none was given\)/,
    options: ["--requirepass", "secret"],
    mendIt: (store) => store.restart(),
  },
];

for (const { name, reason, options, breakIt, mendIt } of FAILURES) {
  test(`a store that ${name}: answers go on, one line each, and it is found again`, async (t) => {
    const store = await prepareRedis(t);
    if (store === undefined) return;
    const isPaused = options?.[0] === "paused";
    if (options !== undefined) await store.start(isPaused ? [] : options);
    if (isPaused) store.pause();
    const weir = await start(t, store.url);
    if (breakIt !== undefined) {
      assert.equal(await ask(await newClient(t, weir), 3), "200 200 429");
      await comesTo("the store is in use", async () => (await readiness(weir)) === "200 ok");
      for (const line of linesAbout(weir)) assert.match(line, /\(it does not answer\)| is back$/);
      await breakIt(store);
      // At once, before any thread has noticed.
      assert.equal(await ask(await newClient(t, weir), 3), "200 200 429");
    }
    await isGone(weir, reason);
    assert.equal(await ask(await newClient(t, weir), 3), "200 200 429");
    await mendIt(store);
    await isBack(weir);
    const other = await start(t, store.url);
    await comesTo("the limit is shared", async () => {
      const here = await newClient(t, weir);
      const localAddress = here.socket.localAddress ?? "";
      const there = await openClient(t, { port: other.port, localAddress });
      return `${await ask(here, 1)}, ${await ask(there, 2)}` === "200, 200 429";
    });
    assertOneLineEach(weir, reason);
  });
}

test("the line about a wrong password does not have the password", async (t) => {
  const store = await startRedis(t, ["--requirepass", "secret"]);
  if (store === undefined) return;
  const weir = await start(t, `redis://:geheim@127.0.0.1:${store.port}`);
  await isGone(weir, /\(it does not take this user and password\)/);
  assert.doesNotMatch(weir.stderr(), /geheim/);
});

test("a store that forgets its scripts is not gone [SCRIPT FLUSH]", async (t) => {
  const store = await startRedis(t);
  if (store === undefined) return;
  const weir = await start(t, store.url);
  await store.ask("SCRIPT FLUSH");
  assert.equal(await ask(await newClient(t, weir), 3), "200 200 429");
  const lines = linesAbout(weir);
  for (const line of lines) assert.match(line, /\(it does not answer\)| is back$/);
  if (lines.length > 0) return;
  assert.equal((await readMetrics(weir)).get("weir_store_failures_total"), 0);
});

test("what was admitted before the store went counts while it is gone [2/m]", async (t) => {
  const store = await startRedis(t);
  if (store === undefined) return;
  const weir = await start(t, store.url);
  const client = await newClient(t, weir);
  assert.equal(await ask(client, 1), "200");
  await store.kill9();
  assert.equal(await ask(client, 2), "200 429");
});

test("--store-down open admits everything, closed nothing, with 503 and Retry-After", async (t) => {
  const store = await prepareRedis(t);
  if (store === undefined) return;
  const open = await start(t, store.url, "--store-down", "open");
  assert.equal(await ask(await newClient(t, open), 5), "200 200 200 200 200");
  await comesTo("a line about the open server", () => linesAbout(open).length > 0);
  assert.match(linesAbout(open).join(), /: until it is back there is no limit$/);
  const closed = await start(t, store.url, "--store-down", "closed");
  const client = await newClient(t, closed);
  const answer = await client.ask("/a.txt");
  assert.deepEqual([answer.status, fieldValue(answer, "Retry-After")], [503, "1"]);
  await comesTo("a line about the closed server", () => linesAbout(closed).length > 0);
  assert.match(linesAbout(closed).join(), /: until it is back every request is answered with 503$/);
  await store.start();
  await comesTo("closed is open again", async () => (await readiness(closed)) === "200 ok");
  await comesTo("the limit of the store holds", async () => {
    return (await ask(await newClient(t, closed), 3)) === "200 200 429";
  });
});

test("with --store-down closed a refusal is one everywhere: log, metrics, dashboard [3 requests]", async (t) => {
  const store = await prepareRedis(t);
  if (store === undefined) return;
  const weir = await start(t, store.url, "--store-down", "closed", "--log", "json");
  assert.equal(await ask(await newClient(t, weir), 3), "503 503 503");
  const log = () => parseJsonLog(weir.stdout());
  await comesTo("all are logged", () => log().lines.length === 3);
  assert.deepEqual(
    log().lines.map(({ status, limit }) => `${status} ${limit}`),
    ["503 refused", "503 refused", "503 refused"],
  );
  assert.equal((await readMetrics(weir)).get("weir_limit_refused_total"), 3);
  await comesTo("the dashboard knows the client", async () => {
    const { clients } = await readSnapshot(weir);
    return clients.some(({ refused, admitted }) => refused === 3 && admitted === 0);
  });
});

test("a server that drains says so, and ends with the store gone", async (t) => {
  const store = await startRedis(t);
  if (store === undefined) return;
  const weir = await start(t, store.url);
  store.pause();
  await isGone(weir, /does not answer/);
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
});
