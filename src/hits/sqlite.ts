// Hits on disk: one SQLite file for all served folders of a state folder. The main thread of a server and
// `weir hits` use it. Gains are added to the counts in the file, so several servers of one folder add up.
// It throws what SQLite throws; sqlite-saver.ts decides what an error means.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ImportMode } from "./export.ts";
import type { HitGain, HitTotal } from "./ledger.ts";

/** Its name in the state folder. */
export const SQLITE_FILE_NAME = "hits.sqlite";

/** How long a write waits for another server that writes to the same file. */
const BUSY_TIMEOUT_MS = 1000;

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS folder (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE IF NOT EXISTS hit (
    folder_id INTEGER NOT NULL REFERENCES folder (id),
    path BLOB NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (folder_id, path)
  ) STRICT, WITHOUT ROWID;
`;

/** Created with the first import, so that the files of servers without one stay as they are. */
const IMPORT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS import (
    folder_id INTEGER NOT NULL REFERENCES folder (id),
    digest TEXT NOT NULL,
    PRIMARY KEY (folder_id, digest)
  ) STRICT, WITHOUT ROWID;
`;

export class SqliteHits {
  readonly #database: DatabaseSync;
  readonly #folderId: number;
  readonly #addHits: StatementSync;
  readonly #selectAll: StatementSync;
  readonly #selectVersion: StatementSync;
  #seenVersion: unknown;

  /**
   * Opens or creates the file.
   * @param folder absolute path of the served folder, the name under which its hits are kept
   */
  constructor(file: string, folder: string) {
    this.#database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      // With WAL, readers and writers of several servers do not wait for each other. NORMAL survives the
      // death of the process at any moment, which is what weir promises.
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
      this.#database.exec(SCHEMA);
      this.#database.prepare("INSERT OR IGNORE INTO folder (path) VALUES (?)").run(folder);
      const row = this.#database.prepare("SELECT id FROM folder WHERE path = ?").get(folder);
      this.#folderId = Number(row?.id);
      this.#addHits = this.#database.prepare(
        `INSERT INTO hit (folder_id, path, count) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET count = count + excluded.count RETURNING count`,
      );
      this.#selectAll = this.#database.prepare("SELECT path, count FROM hit WHERE folder_id = ?");
      this.#selectVersion = this.#database.prepare("PRAGMA data_version");
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /**
   * Every file's total, if another server has changed the database since the last call; else undefined. All
   * rows are read then: the schema, which older versions share, does not tell when a row has changed.
   */
  readChangedTotals(): HitTotal[] | undefined {
    const version = this.#selectVersion.get()?.data_version;
    if (version === this.#seenVersion) return undefined;
    const totals: HitTotal[] = [];
    for (const row of this.#selectAll.iterate(this.#folderId)) {
      const path = Buffer.from(row.path as Uint8Array).toString("latin1");
      totals.push({ path, total: Number(row.count) });
    }
    this.#seenVersion = version;
    return totals;
  }

  /** Adds all gains in one transaction and returns the new totals, in the same order. */
  addGains(gains: readonly HitGain[]): HitTotal[] {
    return this.#inTransaction(() =>
      gains.map(({ path, gained }) => {
        const row = this.#addHits.get(this.#folderId, Buffer.from(path, "latin1"), gained);
        return { path, total: Number(row?.count) };
      }),
    );
  }

  /**
   * Imports a whole document or nothing. A second import of the same document changes nothing. Returns how
   * many hits were added to the totals.
   * @param digest names the document by its content
   */
  importTotals(totals: readonly HitTotal[], mode: ImportMode, digest: string): number {
    return this.#inTransaction(() => {
      this.#database.exec(IMPORT_SCHEMA);
      const isNew = this.#database
        .prepare("INSERT OR IGNORE INTO import (folder_id, digest) VALUES (?, ?)")
        .run(this.#folderId, `${mode} ${digest}`).changes;
      if (mode === "add" && Number(isNew) === 0) return 0;
      const select = this.#database.prepare(
        "SELECT count FROM hit WHERE folder_id = ? AND path = ?",
      );
      let added = 0;
      for (const { path, total } of totals) {
        const bytes = Buffer.from(path, "latin1");
        const stored = mode === "add" ? 0 : Number(select.get(this.#folderId, bytes)?.count ?? 0);
        if (total <= stored) continue;
        this.#addHits.get(this.#folderId, bytes, total - stored);
        added += total - stored;
      }
      return added;
    });
  }

  #inTransaction<Result>(act: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = act();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // On a full disk SQLite may already have ended the transaction itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

/**
 * Opens the file as the constructor does, and waits for another server that creates the same file at this
 * moment. SQLite itself does not wait when two servers switch a new file to WAL.
 */
export function openSqliteHits(file: string, folder: string): SqliteHits {
  const deadlineMs = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return new SqliteHits(file, folder);
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY || performance.now() >= deadlineMs) throw error;
    }
  }
}

/** Whether SQLite's error says that the file is damaged or is no database at all. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** The result code of SQLite (https://sqlite.org/rescode.html) without its details. */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? undefined : code & 0xff;
}
