// Where `weir hits` reads hits from and writes them to: a store that servers share, or the SQLite file of a
// state folder. Each failure is an OperationError of one line.

import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../base/make-folder.ts";
import { OperationError } from "../base/operation-error.ts";
import { describeFileError } from "../base/system-error.ts";
import type { StoreUrl } from "../config/store-url.ts";
import { quote } from "../config/usage-error.ts";
import type { ImportMode } from "../hits/export.ts";
import type { HitTotal } from "../hits/hit-ledger.ts";
import type { SqliteHits } from "../hits/sqlite.ts";

export interface HitsPlace {
  /** As people know it. */
  readonly shown: string;
  read(): readonly HitTotal[] | Promise<readonly HitTotal[]>;
  /** How many hits came to the totals; a document that was taken in before changes nothing. */
  take(hits: readonly HitTotal[], mode: ImportMode, digest: string): number | Promise<number>;
  close(): void;
}

/** @throws OperationError when the store cannot be reached */
export async function openStorePlace(url: StoreUrl): Promise<HitsPlace> {
  const { openFleetTotals } = await import("../store/fleet-totals.ts");
  const fail = (act: string) => (error: unknown) => {
    throw new OperationError(`cannot ${act} the store ${url.shown}: ${(error as Error).message}`);
  };
  const totals = await openFleetTotals(url).catch(fail("reach"));
  return {
    shown: url.shown,
    read: () => totals.read().catch(fail("use")),
    take: (hits, mode, digest) => totals.take(hits, mode, digest).catch(fail("use")),
    close: () => totals.close(),
  };
}

/** The file is made when hits are taken in, and has to be there when they are read. */
export async function openFolderPlace(stateDir: string, servedDir: string): Promise<HitsPlace> {
  const { openSqliteHits, SQLITE_FILE_NAME } = await import("../hits/sqlite.ts");
  const file = join(stateDir, SQLITE_FILE_NAME);
  const folder = realPathOf(servedDir);
  const use = <Result>(act: (sqlite: SqliteHits) => Result): Result => {
    let sqlite: SqliteHits | undefined;
    try {
      sqlite = openSqliteHits(file, folder);
      return act(sqlite);
    } catch (error) {
      throw new OperationError(`cannot use ${quote(file)}: ${(error as Error).message}`);
    } finally {
      sqlite?.close();
    }
  };
  return {
    shown: folder,
    read() {
      checkStateFolder(stateDir);
      const hits = existsSync(file) ? use((sqlite) => sqlite.readChangedTotals() ?? []) : [];
      if (hits.length > 0) return hits;
      throw new OperationError(`no hits of ${quote(folder)} are kept in ${quote(file)}`);
    },
    take(hits, mode, digest) {
      try {
        makeFolder(stateDir);
      } catch (error) {
        const why = describeFileError(error);
        throw new OperationError(`cannot make the folder ${quote(stateDir)}: ${why}`);
      }
      return use((sqlite) => sqlite.importTotals(hits, mode, digest));
    },
    close() {},
  };
}

/** A folder that is not there, or is a file, is a typing error rather than a folder without hits. */
function checkStateFolder(stateDir: string): void {
  try {
    if (statSync(stateDir).isDirectory()) return;
  } catch (error) {
    throw new OperationError(
      `cannot read the state folder ${quote(stateDir)}: ${describeFileError(error)}; see --state`,
    );
  }
  throw new OperationError(
    `cannot read the state folder ${quote(stateDir)}: it is a file; see --state`,
  );
}

/** As `weir serve` names the folder in its state; one that is gone by now may still have hits. */
function realPathOf(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir;
  }
}
