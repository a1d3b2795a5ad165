import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { countOperations } from "../../test/fixtures/crash-point.ts";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { createSharedMemory } from "../memory/memory-layout.ts";
import { takeLock } from "../memory/shared-table.ts";
import { SharedHitCounter } from "./counter.ts";
import { HitLedger } from "./ledger.ts";
import { openSqliteHits } from "./sqlite.ts";
import { SqliteSaver } from "./sqlite-saver.ts";

const ROOT = "/served";
const WALL_MS = Date.UTC(2026, 10, 23, 15, 30);

/** One server's part in the hits, whose clock the test winds. */
class Server {
  readonly counter: SharedHitCounter;
  readonly saver: SqliteSaver;
  readonly warnings: string[] = [];

  constructor(stateDir: string, hitFilesMax = 64) {
    const hashSecret = randomBytes(32);
    const memory = createSharedMemory({ hashSecret, cellCount: 0, hitFilesMax });
    this.counter = new SharedHitCounter(memory, 1);
    this.saver = new SqliteSaver({
      stateDir,
      rootDir: ROOT,
      ledger: new HitLedger(memory),
      warn: (line) => this.warnings.push(line),
      wallMs: () => WALL_MS,
    });
    this.saver.start();
  }

  add(path: string, hits: number): void {
    for (let hit = 0; hit < hits; hit++) this.counter.add(path);
  }
}

/** A state folder, and a clock that stands still until `save` winds it by one interval. */
function newState(t: TestContext): { stateDir: string; file: string; save: () => void } {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const stateDir = join(makeTempFolder(t), "state");
  return { stateDir, file: join(stateDir, "hits.sqlite"), save: () => t.mock.timers.tick(500) };
}

function storedHits(file: string, path: string): number {
  const store = openSqliteHits(file, ROOT);
  try {
    return store.readChangedTotals()?.find((total) => total.path === path)?.total ?? 0;
  } finally {
    store.close();
  }
}

test("hits are saved twice a second, at the stop, and are there at the next start", (t) => {
  const { stateDir, file, save } = newState(t);
  const server = new Server(stateDir);
  server.add("/a", 3);
  assert.equal(storedHits(file, "/a"), 0);
  save();
  assert.equal(storedHits(file, "/a"), 3);
  server.add("/a", 2);
  server.saver.stop();
  assert.equal(storedHits(file, "/a"), 5);
  const next = new Server(stateDir);
  assert.equal(next.counter.hitsOf("/a"), 5);
  next.add("/a", 1);
  next.saver.stop();
  assert.equal(storedHits(file, "/a"), 6);
  assert.deepEqual([...server.warnings, ...next.warnings], []);
});

test("two servers of one folder add up, and each shows the other's hits", (t) => {
  const { stateDir, file, save } = newState(t);
  const [first, second] = [new Server(stateDir), new Server(stateDir)];
  for (let round = 1; round <= 20; round++) {
    first.add("/a", 3);
    second.add("/a", 5);
    first.add(`/${round}`, 1);
    save();
    // The first saved before the second did: it sees that in the next round.
    assert.equal(second.counter.hitsOf("/a"), 8 * round);
    assert.equal(first.counter.hitsOf("/a"), 8 * round - 5);
    assert.equal(second.counter.hitsOf(`/${round}`), 1);
  }
  save();
  assert.equal(first.counter.hitsOf("/a"), 160);
  second.saver.stop();
  first.saver.stop();
  assert.equal(storedHits(file, "/a"), 160);
  assert.deepEqual([...first.warnings, ...second.warnings], []);
});

test("more gains than one transaction takes are all saved [45,000 files]", (t) => {
  const { stateDir, file } = newState(t);
  const server = new Server(stateDir, 1 << 16);
  for (let path = 0; path < 45_000; path++) server.add(`/${path}`, 1);
  server.saver.stop();
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS files, sum(count) AS hits FROM hit").get();
  database.close();
  assert.deepEqual({ ...row }, { files: 45_000, hits: 45_000 });
});

test("a file that is no database is set aside, with one warning, and a new one is started", (t) => {
  const { stateDir, file, save } = newState(t);
  mkdirSync(stateDir);
  writeFileSync(file, "no database".repeat(100));
  const server = new Server(stateDir);
  server.add("/a", 2);
  save();
  save();
  const aside = `${file}.damaged-2026-11-23T15-30-00-000Z`;
  assert.deepEqual(server.warnings, [
    `the file of hits "${file}" is damaged: it was renamed to "${aside}", and a new one was started`,
  ]);
  assert.equal(readFileSync(aside, "latin1"), "no database".repeat(100));
  server.saver.stop();
  assert.equal(storedHits(file, "/a"), 2);
  assert.equal(server.warnings.length, 1);
});

test("a page that is damaged while the server runs loses no hit that it knows of", (t) => {
  const { stateDir, file, save } = newState(t);
  const before = new Server(stateDir, 8192);
  for (let path = 0; path < 5000; path++) before.add(`/${path}`, 1);
  before.add("/0", 9);
  before.saver.stop();
  const server = new Server(stateDir, 8192);
  server.add("/0", 5);
  save();
  // Another server has written, so that the file is read again.
  const other = openSqliteHits(file, ROOT);
  other.addGains([{ path: "/1", gained: 1 }]);
  other.close();
  const bytes = readFileSync(file);
  bytes.fill(0xff, 4096, 4096 * 12);
  writeFileSync(file, bytes);
  server.add("/2", 1);
  for (let round = 0; round < 3; round++) save();
  assert.equal(server.counter.hitsOf("/0"), 15);
  server.saver.stop();
  assert.equal(server.warnings.length, 1, server.warnings.join("\n"));
  assert.match(server.warnings[0] ?? "", /is damaged: it was renamed to/);
  assert.equal(storedHits(file, "/0"), 15);
  assert.equal(storedHits(file, "/2"), 2);
  assert.equal(storedHits(file, "/4999"), 1);
  assert.equal(readdirSync(stateDir).filter((name) => name.includes("damaged")).length, 1);
});

test("while the state folder cannot be made counting goes on; two lines tell of it [a file there]", (t) => {
  const { stateDir, file, save } = newState(t);
  writeFileSync(stateDir, "a file where the folder should be");
  const server = new Server(stateDir);
  server.add("/a", 2);
  for (let round = 0; round < 5; round++) save();
  assert.equal(server.counter.hitsOf("/a"), 2);
  assert.equal(server.warnings.length, 1);
  assert.match(server.warnings[0] ?? "", /^cannot save hits to ".*": .*; counting goes on/);
  rmSync(stateDir);
  server.add("/a", 1);
  for (let round = 0; round < 5; round++) save();
  assert.deepEqual(server.warnings.slice(1), [`hits are saved to "${file}" again`]);
  assert.equal(storedHits(file, "/a"), 3);
  server.saver.stop();
  assert.equal(storedHits(file, "/a"), 3);
});

test("hits that found no room are told once [8 files of 10]", (t) => {
  const { stateDir, save } = newState(t);
  const server = new Server(stateDir, 8);
  for (let path = 0; path < 10; path++) server.add(`/${path}`, 1);
  for (let round = 0; round < 3; round++) save();
  server.saver.stop();
  assert.deepEqual(server.warnings, [
    "the table of counted files is full: hits of further files are not counted",
  ]);
});

test("a lock that a dead thread left holds nothing up for good", (t) => {
  t.mock.method(Atomics, "wait", () => "timed-out" as const);
  const { stateDir, file, save } = newState(t);
  const other = openSqliteHits(mkdirAnd(stateDir, file), ROOT);
  const server = new Server(stateDir, 8);
  const { table } = server.counter;
  for (let setIndex = 0; setIndex < table.setCount; setIndex++) takeLock(table.words, setIndex, 1);
  other.addGains([{ path: "/a", gained: 4 }]);
  other.close();
  save();
  assert.equal(server.warnings.length, 1);
  table.unlockAllOf(1);
  save();
  assert.equal(server.counter.hitsOf("/a"), 4);
  assert.match(server.warnings[1] ?? "", /again$/);
  server.saver.stop();
});

test("a save costs as much as there are changes, however many files are counted [100,000]", async (t) => {
  const { stateDir, file, save } = newState(t);
  const server = new Server(stateDir, 1 << 17);
  for (let path = 0; path < 100_000; path++) server.add(`/${path}`, 1);
  assert.ok((await countOperations(save)) > 100_000, "the first save looks at every file");
  for (let round = 0; round < 3; round++) assert.ok((await countOperations(save)) <= 20);
  for (const path of ["/7", "/70000", "/99999"]) server.add(path, 2);
  assert.ok((await countOperations(save)) <= 60);
  assert.equal(storedHits(file, "/70000"), 3);
  assert.ok((await countOperations(save)) <= 20);
  server.saver.stop();
});

function mkdirAnd(folder: string, file: string): string {
  mkdirSync(folder);
  return file;
}
