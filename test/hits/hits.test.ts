// Hits as people see them: the real command, listings in JSON, the state on disk, and what becomes of
// it when servers stop, are killed, or meet.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { mountSmallDisk } from "../fixtures/small-disk.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

/** Ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;
const HIT_FILE = "hits.sqlite";

interface Site {
  readonly dir: string;
  readonly stateDir: string;
  readonly start: (...args: string[]) => Promise<WeirProcess>;
}

/** A folder to serve and one for the state, for one server after the other, or two at once. */
function newSite(t: TestContext, stateDir = join(makeTempFolder(t), "state")): Site {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a", "b.txt": "b", docs: { "index.html": "docs" } });
  const start = (...args: string[]) =>
    startWeir(t, {
      dir,
      args: ["--workers", "2", "--rate", "off", "--state", stateDir, ...args],
    });
  return { dir, stateDir, start };
}

async function get(client: KeepAliveClient, target: string, times = 1): Promise<void> {
  for (let left = times; left > 0; left -= 50) {
    const targets = Array<string>(Math.min(left, 50)).fill(target);
    for (const { status } of await client.askAll(targets)) assert.equal(status, 200);
  }
}

async function hitsByName(client: KeepAliveClient, folder = "/"): Promise<Record<string, number>> {
  const { body } = await client.ask(`${folder}?format=json`);
  const { entries } = JSON.parse(body.toString()) as { entries: { name: string; hits: number }[] };
  return Object.fromEntries(entries.map(({ name, hits }) => [name, hits]));
}

async function hitsOf(client: KeepAliveClient, name: string): Promise<number | undefined> {
  return (await hitsByName(client))[name];
}

async function until(
  t: TestContext,
  isSo: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadlineMs, `it never came to this: ${what}`);
    await sleep(20, undefined, { signal: t.signal });
  }
}

/** What the state on disk says, read beside the server. */
function storedHits(stateDir: string, path: string): number {
  const database = new DatabaseSync(join(stateDir, HIT_FILE), { readOnly: true, timeout: 1000 });
  try {
    const row = database.prepare("SELECT sum(count) AS hits FROM hit WHERE path = ?");
    return Number(row.get(Buffer.from(path, "latin1"))?.hits ?? 0);
  } finally {
    database.close();
  }
}

/** What was printed beside the ready line. */
function warningsOf(weir: WeirProcess): string[] {
  const lines = weir.stderr().trimEnd().split("\n");
  return lines.filter((line) => !line.startsWith("weir: serving "));
}

test("12 connections × 500 GETs over two threads are exactly 6,000 hits, also after a restart", async (t) => {
  const site = newSite(t);
  const weir = await site.start();
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => openClient(t, { port: weir.port })),
  );
  await Promise.all(clients.map((client) => get(client, "/a.txt", 500)));
  assert.equal(await hitsOf(clients[0] as KeepAliveClient, "a.txt"), 6000);
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.equal(storedHits(site.stateDir, "/a.txt"), 6000);
  const next = await site.start();
  assert.equal(await hitsOf(await openClient(t, { port: next.port }), "a.txt"), 6000);
  assert.deepEqual([...warningsOf(weir), ...warningsOf(next)], []);
});

test("hits that were saved survive a kill -9, and are saved without being asked for", async (t) => {
  const site = newSite(t);
  const weir = await site.start();
  await get(await openClient(t, { port: weir.port }), "/a.txt", 123);
  await until(t, () => storedHits(site.stateDir, "/a.txt") === 123, "123 hits are saved");
  await weir.kill9();
  const next = await site.start();
  const client = await openClient(t, { port: next.port });
  assert.equal(await hitsOf(client, "a.txt"), 123);
  await get(client, "/a.txt", 2);
  assert.equal(await hitsOf(client, "a.txt"), 125);
  assert.deepEqual(warningsOf(next), []);
});

test("a kill -9 in full swing keeps what was saved until then, and invents no hit", async (t) => {
  const site = newSite(t);
  const weir = await site.start();
  const clients = await Promise.all([1, 2, 3].map(() => openClient(t, { port: weir.port })));
  let asked = 0;
  let answered = 0;
  let isEnough = false;
  const asking = Promise.allSettled(
    clients.map(async (client) => {
      while (!isEnough) {
        asked += 10;
        await get(client, "/a.txt", 10);
        answered += 10;
      }
    }),
  );
  // Twice, the saver catches up with clients that go on asking.
  for (const round of [1, 2]) {
    await until(t, () => answered >= 100 * round, "clients are answered");
    const due = answered;
    await until(t, () => storedHits(site.stateDir, "/a.txt") >= due, `${due} hits are saved`);
  }
  const saved = storedHits(site.stateDir, "/a.txt");
  await weir.kill9();
  isEnough = true;
  // The kill has ended their connections.
  await asking;
  const next = await site.start();
  const kept = (await hitsOf(await openClient(t, { port: next.port }), "a.txt")) ?? 0;
  assert.ok(kept >= saved && kept <= asked, `${kept} kept, ${saved} saved, ${asked} asked for`);
});

test("two servers of one folder and one state: the sum is exact, and each shows the other's hits", async (t) => {
  const site = newSite(t);
  // Started at the same moment, on a state that is not there yet.
  const servers = await Promise.all([site.start(), site.start()]);
  const clients = await Promise.all(servers.map(({ port }) => openClient(t, { port })));
  const [first, second] = clients as [KeepAliveClient, KeepAliveClient];
  await Promise.all([get(first, "/a.txt", 700), get(second, "/a.txt", 300)]);
  await get(first, "/b.txt");
  for (const client of clients) {
    await until(t, async () => (await hitsOf(client, "a.txt")) === 1000, "a server shows 1,000");
    await until(t, async () => (await hitsOf(client, "b.txt")) === 1, "a server shows b.txt");
  }
  await Promise.all([get(first, "/a.txt", 21), get(second, "/a.txt", 34)]);
  for (const server of servers) assert.equal((await server.stop()).code, 0);
  assert.equal(storedHits(site.stateDir, "/a.txt"), 1055);
  assert.deepEqual(servers.flatMap(warningsOf), []);
});

test("two folders in one state are counted apart", async (t) => {
  const stateDir = join(makeTempFolder(t), "state");
  const ports = [];
  for (const site of [newSite(t, stateDir), newSite(t, stateDir)]) {
    ports.push((await site.start()).port);
  }
  const clients = await Promise.all(ports.map((port) => openClient(t, { port })));
  const [first, second] = clients as [KeepAliveClient, KeepAliveClient];
  await get(first, "/a.txt", 3);
  await get(second, "/b.txt", 4);
  await until(t, () => storedHits(stateDir, "/b.txt") === 4, "the hits are saved");
  // Another second, in which either would take in what is not its own.
  await sleep(1000);
  const { "a.txt": a, "b.txt": b } = await hitsByName(first);
  assert.deepEqual([a, b], [3, 0]);
});

test("200, 206 and 304 are hits; HEAD, 404, 405, 400, 416 and 429 are not", async (t) => {
  const site = newSite(t);
  const { port } = await site.start("--rate", "9/h");
  const client = await openClient(t, { port });
  const statusOf = async (method: string, target: string, fields = "") =>
    (await client.ask(target, { method, fields })).status;
  const etag = fieldValue(await client.ask("/a.txt"), "ETag");
  assert.equal(await statusOf("GET", "/a.txt", `If-None-Match: ${etag}\r\n`), 304);
  assert.equal(await statusOf("GET", "/a.txt", "Range: bytes=0-3\r\n"), 206);
  assert.equal(await statusOf("GET", "/a.txt", "Range: bytes=900-\r\n"), 416);
  assert.equal(await statusOf("HEAD", "/a.txt"), 200);
  assert.equal(await statusOf("GET", "/absent.txt"), 404);
  assert.equal(await statusOf("DELETE", "/a.txt"), 405);
  assert.equal(await statusOf("GET", "/a.txt/"), 404);
  assert.equal(await statusOf("GET", "/b.txt", `If-Match: "another"\r\n`), 412);
  assert.equal(await statusOf("GET", "/b.txt"), 429);
  const other = await openClient(t, { port, localAddress: "127.0.0.2" });
  assert.equal((await other.ask("/%00a.txt")).status, 400);
  const reader = await openClient(t, { port, localAddress: "127.0.0.3" });
  assert.deepEqual(await hitsByName(reader), { docs: 0, "a.txt": 3, "b.txt": 0 });
});

test("a file has one count, however its URL is spelt [%61.txt, ./a.txt, docs/../a.txt, a.txt?x=1, //a.txt]", async (t) => {
  const site = newSite(t);
  const { port } = await site.start();
  const client = await openClient(t, { port });
  const spellings = [
    "/a.txt",
    "/%61.txt",
    "/%61%2etxt",
    "/./a.txt",
    "/docs/../a.txt",
    "/a.txt?x=1",
    "//a.txt",
    "/docs//..//a.txt",
  ];
  for (const target of spellings) await get(client, target);
  assert.deepEqual(await hitsByName(client), { docs: 0, "a.txt": 8, "b.txt": 0 });
});

test("a folder that answers with its index.html counts for that file, and its line in a listing sums both up", async (t) => {
  const site = newSite(t);
  const weir = await site.start();
  const client = await openClient(t, { port: weir.port });
  await get(client, "/docs/", 2);
  await get(client, "/docs/index.html");
  assert.equal((await client.ask("/docs")).status, 301);
  await weir.stop();
  const bare = await site.start("--no-index");
  const bareClient = await openClient(t, { port: bare.port });
  assert.deepEqual(await hitsByName(bareClient, "/docs/"), { "index.html": 3 });
  // Asked for as a folder: by its index three times, by its listing once.
  assert.equal(await hitsOf(bareClient, "docs"), 4);
});

test("--state memory keeps nothing", async (t) => {
  const site = newSite(t);
  for (let run = 0; run < 2; run++) {
    const weir = await site.start("--state", "memory");
    const client = await openClient(t, { port: weir.port });
    assert.equal(await hitsOf(client, "a.txt"), 0);
    await get(client, "/a.txt");
    assert.equal(await hitsOf(client, "a.txt"), 1);
    await weir.stop();
  }
});

const DAMAGES: readonly [name: string, damage: (file: string) => void][] = [
  ["garbage", (file) => writeFileSync(file, "garbage ".repeat(2000))],
  [
    "a damaged page",
    (file) => {
      const bytes = readFileSync(file);
      assert.ok(bytes.length > 4096 * 10, "the file has pages to damage");
      bytes.fill(0xff, 4096 * 3, 4096 * 8);
      writeFileSync(file, bytes);
    },
  ],
];

for (const [name, damage] of DAMAGES) {
  test(`a state file with ${name} is renamed with one line, and a new one is started`, async (t) => {
    const site = newSite(t);
    // Long names fill pages.
    const names = Array.from({ length: 400 }, (_, file) => `${"x".repeat(200)}-${file}.txt`);
    writeTree(site.dir, Object.fromEntries(names.map((file) => [file, "x"])));
    const weir = await site.start();
    const visitor = await openClient(t, { port: weir.port });
    for (const file of names) await get(visitor, `/${file}`);
    await weir.stop();
    damage(join(site.stateDir, HIT_FILE));
    const damaged = readFileSync(join(site.stateDir, HIT_FILE));

    const next = await site.start();
    const client = await openClient(t, { port: next.port });
    await get(client, "/a.txt", 3);
    assert.equal(await hitsOf(client, "a.txt"), 3);
    await until(t, () => storedHits(site.stateDir, "/a.txt") === 3, "the new file has them");
    assert.equal((await next.stop()).code, 0);
    assert.equal(warningsOf(next).length, 1, next.stderr());
    const aside = /it was renamed to "(.+)", and a new one was started$/.exec(
      warningsOf(next)[0] ?? "",
    )?.[1];
    assert.deepEqual(readFileSync(aside ?? ""), damaged);
    const files = readdirSync(site.stateDir).filter((file) => !/-(wal|shm)$/.test(file));
    assert.deepEqual(files.length, 2, files.join(" "));
    assert.equal(storedHits(site.stateDir, "/a.txt"), 3);
  });
}

test("where the state folder cannot be made, one line says so and all else goes on; then it is saved", async (t) => {
  const site = newSite(t);
  // A file stands where the folder should be: that stops root, too.
  writeFileSync(site.stateDir, "");
  const weir = await site.start();
  const client = await openClient(t, { port: weir.port });
  await get(client, "/a.txt", 5);
  await until(t, () => warningsOf(weir).length > 0, "a line");
  // Another save fails meanwhile.
  await sleep(600);
  assert.equal(await hitsOf(client, "a.txt"), 5);
  assert.equal(warningsOf(weir).length, 1, weir.stderr());
  assert.match(warningsOf(weir)[0] ?? "", /^weir: cannot save hits to ".*hits\.sqlite": /);
  rmSync(site.stateDir);
  await until(t, () => warningsOf(weir).length === 2, "a second line");
  assert.match(warningsOf(weir)[1] ?? "", /^weir: hits are saved to ".*hits\.sqlite" again$/);
  assert.equal(storedHits(site.stateDir, "/a.txt"), 5);
});

test("on a disk that becomes read-only counting goes on, and is saved when it is writable again", async (t) => {
  const disk = mountSmallDisk(t, 1024);
  if (disk === undefined) return;
  disk.setWritable(false);
  const site = newSite(t, disk.folder);
  const weir = await site.start();
  const client = await openClient(t, { port: weir.port });
  await get(client, "/a.txt", 7);
  await until(t, () => warningsOf(weir).length > 0, "a line");
  // Another save fails meanwhile.
  await sleep(600);
  assert.equal(warningsOf(weir).length, 1, weir.stderr());
  disk.setWritable(true);
  await until(t, () => warningsOf(weir).length === 2, "a second line");
  assert.match(warningsOf(weir)[1] ?? "", /again$/);
  assert.equal(storedHits(disk.folder, "/a.txt"), 7);
  assert.equal(await hitsOf(client, "a.txt"), 7);
  assert.equal((await weir.stop()).code, 0);
});

test("a full disk costs no hit: they are saved when there is room again, and the sum is exact", async (t) => {
  const disk = mountSmallDisk(t, 512);
  if (disk === undefined) return;
  const stateDir = join(disk.folder, "state");
  mkdirSync(stateDir);
  const site = newSite(t, stateDir);
  const weir = await site.start();
  const client = await openClient(t, { port: weir.port });
  await get(client, "/a.txt", 4);
  await until(t, () => storedHits(stateDir, "/a.txt") === 4, "the first hits are saved");
  disk.fill();
  for (let round = 0; warningsOf(weir).length === 0; round++) {
    assert.ok(round < 200, "no warning of the full disk");
    await get(client, "/a.txt");
    await sleep(50);
  }
  assert.match(warningsOf(weir)[0] ?? "", /^weir: cannot save hits to .*full/);
  await get(client, "/a.txt", 100);
  const counted = (await hitsOf(client, "a.txt")) ?? 0;
  disk.free();
  await until(t, () => warningsOf(weir).length === 2, "a second line");
  assert.match(warningsOf(weir)[1] ?? "", /again$/);
  assert.equal(await hitsOf(client, "a.txt"), counted);
  assert.equal((await weir.stop()).code, 0);
  assert.equal(storedHits(stateDir, "/a.txt"), counted);
});
