import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { isDamage, openSqliteHits, SqliteHits } from "./sqlite.ts";

function openFile(t: TestContext, file: string, folder = "/served"): SqliteHits {
  const sqlite = openSqliteHits(file, folder);
  t.after(() => {
    try {
      sqlite.close();
    } catch {
      // The test has closed it.
    }
  });
  return sqlite;
}

function newFile(t: TestContext): string {
  return join(makeTempFolder(t), "hits.sqlite");
}

test("gains are added up, and come back with their totals in the same order", (t) => {
  const sqlite = openFile(t, newFile(t));
  const gains = [
    { path: "/b", gained: 2 },
    { path: "/a", gained: 1 },
  ];
  assert.deepEqual(sqlite.addGains(gains), [
    { path: "/b", total: 2 },
    { path: "/a", total: 1 },
  ]);
  assert.deepEqual(sqlite.addGains([{ path: "/b", gained: 40 }]), [{ path: "/b", total: 42 }]);
  assert.deepEqual(sqlite.addGains([]), []);
});

test("what was added is there after closing and opening; other folders see nothing of it", (t) => {
  const file = newFile(t);
  const sqlite = openFile(t, file);
  sqlite.addGains([{ path: "/a", gained: 7 }]);
  sqlite.close();
  assert.deepEqual(openFile(t, file).readChangedTotals(), [{ path: "/a", total: 7 }]);
  assert.deepEqual(openFile(t, file, "/other").readChangedTotals(), []);
});

test("two stores of one file add up, and each hears of the other's gains only", (t) => {
  const file = newFile(t);
  const [first, second] = [openFile(t, file), openFile(t, file)];
  assert.deepEqual(first.readChangedTotals(), []);
  assert.deepEqual(second.readChangedTotals(), []);
  first.addGains([{ path: "/a", gained: 3 }]);
  assert.equal(first.readChangedTotals(), undefined, "its own gains are no news");
  assert.deepEqual(second.readChangedTotals(), [{ path: "/a", total: 3 }]);
  assert.equal(second.readChangedTotals(), undefined, "news are told once");
  assert.deepEqual(second.addGains([{ path: "/a", gained: 4 }]), [{ path: "/a", total: 7 }]);
  assert.deepEqual(first.readChangedTotals(), [{ path: "/a", total: 7 }]);
});

test("paths are kept byte by byte [all of Latin-1, none at all]", (t) => {
  const file = newFile(t);
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const paths = ["", everyByte, "caf\xe9"];
  const sqlite = openFile(t, file);
  sqlite.addGains(paths.map((path) => ({ path, gained: 1 })));
  sqlite.close();
  const totals = openFile(t, file).readChangedTotals() ?? [];
  assert.deepEqual(totals.map(({ path }) => path).sort(), paths.sort());
});

test("a batch that fails is not added in part", (t) => {
  const sqlite = openFile(t, newFile(t));
  sqlite.addGains([{ path: "/a", gained: 1 }]);
  const tooLarge = { path: "/b", gained: 2 ** 70 };
  assert.throws(() => sqlite.addGains([{ path: "/a", gained: 1 }, tooLarge]));
  assert.deepEqual(sqlite.addGains([{ path: "/a", gained: 1 }]), [{ path: "/a", total: 2 }]);
});

test("garbage and a damaged page are damage; a lock and a missing folder are not", (t) => {
  const folder = makeTempFolder(t);
  const file = join(folder, "hits.sqlite");
  const failure = (act: () => void): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return assert.fail("it did not fail");
  };
  writeFileSync(file, "this is no database, and is longer than the header of one ".repeat(10));
  assert.equal(isDamage(failure(() => new SqliteHits(file, "/served"))), true);

  const pageFile = join(folder, "page.sqlite");
  const sqlite = openFile(t, pageFile);
  sqlite.addGains(Array.from({ length: 5000 }, (_, path) => ({ path: `/${path}`, gained: 1 })));
  sqlite.close();
  const bytes = readFileSync(pageFile);
  bytes.fill(0xff, 4096 * 5, 4096 * 6);
  writeFileSync(pageFile, bytes);
  const damaged = openFile(t, pageFile);
  assert.equal(isDamage(failure(() => damaged.readChangedTotals())), true);

  assert.equal(isDamage(failure(() => new SqliteHits(join(folder, "no", "x"), "/served"))), false);
  const lockedFile = join(folder, "locked.sqlite");
  const locker = new DatabaseSync(lockedFile);
  locker.exec("BEGIN EXCLUSIVE");
  assert.equal(isDamage(failure(() => openSqliteHits(lockedFile, "/served"))), false);
  locker.close();
  assert.equal(isDamage(new Error("something else")), false);
});

test("a closed store leaves one file, without its log", (t) => {
  const file = newFile(t);
  const sqlite = openFile(t, file);
  sqlite.addGains([{ path: "/a", gained: 1 }]);
  sqlite.close();
  assert.deepEqual(readdirSync(join(file, "..")), ["hits.sqlite"]);
});
