// A server that nobody asks for anything does no work that grows with the files that it has counted: the
// saver, the most requested files and the metrics of the admin interface look at what has changed.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HitLedger } from "../../src/hits/ledger.ts";
import { openSqliteHits, SQLITE_FILE_NAME } from "../../src/hits/sqlite.ts";
import { TopFiles } from "../../src/hits/top-files.ts";
import { countOperations } from "../fixtures/crash-point.ts";
import { startServerHere } from "../fixtures/running-server.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";

const FILES = 100_000;
/** Only ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;
/** Saves and samples while the work is counted: two seconds of a server. */
const ROUNDS = 2;

async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!isTrue()) {
    assert.ok(performance.now() < deadlineMs, "the timers of the server do not run");
    await sleep(20);
  }
}

/** A state folder in which so many files have been counted. */
function writeHits(t: TestContext, dir: string): string {
  const stateDir = makeTempFolder(t);
  const sqlite = openSqliteHits(join(stateDir, SQLITE_FILE_NAME), dir);
  sqlite.addGains(Array.from({ length: FILES }, (_, file) => ({ path: `/${file}`, gained: 1 })));
  sqlite.close();
  return stateDir;
}

test(`an idle server looks at no counted file [${FILES} files, saved state, admin interface]`, async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  const stateDir = writeHits(t, dir);
  const saves = t.mock.method(HitLedger.prototype, "readGains").mock;
  const looks = t.mock.method(TopFiles.prototype, "update").mock;
  const flags = { state: stateDir, admin: "127.0.0.1:0", workers: "1", rate: "off" };
  const server = await startServerHere(t, dir, flags);
  // The first of each looks at every file.
  await until(() => saves.callCount() > 1 && looks.callCount() > 0);
  const [savesBefore, looksBefore] = [saves.callCount(), looks.callCount()];
  const operationCount = await countOperations(() =>
    until(
      () =>
        saves.callCount() >= savesBefore + 2 * ROUNDS && looks.callCount() >= looksBefore + ROUNDS,
    ),
  );
  assert.ok(operationCount < 1000, `${operationCount} operations on shared memory`);
  await server.stop();
});
