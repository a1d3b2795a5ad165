// Where `weir hits` reads hits from and writes them to: a store that servers share, or the SQLite file of a
// state folder. What fails is told in one line.

import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../base/make-folder.ts";
import { OperationError } from "../base/operation-error.ts";
import { describeFileError } from "../base/system-error.ts";
import type { StoreUrl } from "../config/store-url.ts";
import { quote } from "../config/usage-error.ts";
import type { HitStore, HitTotal, ImportMode } from "../hits/hit-store.ts";

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
  const { StoreConnection } = await import("../store/store-connection.ts");
  const { IMPORT, READ_TOTALS } = await import("../store/hit-scripts.ts");
  const { importStoredHits, readStoredHits } = await import("../store/stored-hits.ts");
  const { promise: firstOutcome, resolve } = Promise.withResolvers<void>();
  const connection = await StoreConnection.open({
    address: url,
    scripts: [IMPORT, READ_TOTALS],
    onReady: resolve,
    onLost: () => resolve(),
  });
  await firstOutcome;
  if (!connection.isReady) {
    const { message } = connection.lastError;
    connection.close();
    throw new OperationError(`cannot reach the store ${url.shown}: ${message}`);
  }
  const tell = (error: unknown): never => {
    throw new OperationError(`cannot use the store ${url.shown}: ${(error as Error).message}`);
  };
  return {
    shown: url.shown,
    read: () => readStoredHits(connection, url.prefix).catch(tell),
    take: (hits, mode, digest) =>
      importStoredHits(connection, url.prefix, hits, mode, digest).catch(tell),
    close: () => connection.close(),
  };
}

/** The file is made when hits are taken in, and has to be there when they are read. */
export async function openFolderPlace(stateDir: string, servedDir: string): Promise<HitsPlace> {
  const { openHitStore } = await import("../hits/hit-store.ts");
  const file = join(stateDir, "hits.sqlite");
  const folder = realPathOf(servedDir);
  const use = <Result>(act: (store: HitStore) => Result): Result => {
    let store: HitStore | undefined;
    try {
      store = openHitStore(file, folder);
      return act(store);
    } catch (error) {
      throw new OperationError(`cannot use ${quote(file)}: ${(error as Error).message}`);
    } finally {
      store?.close();
    }
  };
  return {
    shown: folder,
    read() {
      checkStateFolder(stateDir);
      const hits = existsSync(file) ? use((store) => store.readChangedTotals() ?? []) : [];
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
      return use((store) => store.importTotals(hits, mode, digest));
    },
    close() {},
  };
}

/** A folder that is not there, or is none, is rather a slip of the hand than a folder without hits. */
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
