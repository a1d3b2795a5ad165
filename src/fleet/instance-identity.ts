// The name under which a server's counts are kept in the store. With a state folder the name is kept there, so
// that a server that is started again goes on where it stopped; without one it is new at each start.
// Used by hit-sync.ts. The name is held by one process at a time, which the system's file lock ensures
// however that process ends.

import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closeQuietly, makeFolder } from "../base/files.ts";

export interface IdentityPlace {
  readonly stateDir: string;
  readonly rootDir: string;
  /** The store, and the prefix in it: names of one store mean nothing in another. */
  readonly store: string;
}

/** More servers of one folder with one state folder get new names at each start. */
const NAMES_PER_PLACE_MAX = 64;

const SCHEMA = `CREATE TABLE IF NOT EXISTS identity (
  instance TEXT NOT NULL, call INTEGER NOT NULL, inode TEXT NOT NULL
) STRICT`;

export class InstanceIdentity {
  #currentInstance = newInstance();
  #currentCall = 0;
  #database: DatabaseSync | undefined;
  /** Of the file that the name is kept in, and when that was made. */
  readonly #inode: string;

  private constructor(database?: DatabaseSync, inode = "") {
    this.#database = database;
    this.#inode = inode;
  }

  /** A name that no instance has had, and that ends with this process. */
  static fresh(): InstanceIdentity {
    return new InstanceIdentity();
  }

  /**
   * The first name of that place that no other process holds. Never throws: where none can be kept,
   * it is a fresh one.
   */
  static open({ stateDir, rootDir, store }: IdentityPlace): InstanceIdentity {
    const digest = createHash("sha256").update(`${rootDir}\0${store}`).digest("hex").slice(0, 16);
    try {
      makeFolder(stateDir);
      for (let index = 0; index < NAMES_PER_PLACE_MAX; index++) {
        const identity = openFile(join(stateDir, `instance-${digest}-${index}.sqlite`));
        if (identity !== undefined) return identity;
      }
    } catch {
      // Counting needs no name that is kept: this server's next start has another one.
    }
    return InstanceIdentity.fresh();
  }

  /** Takes the name out of a file that this process alone has open. Throws what SQLite throws. */
  static read(database: DatabaseSync, file: string): InstanceIdentity {
    database.exec(SCHEMA);
    const { ino, birthtimeMs, ctimeMs } = statSync(file);
    const identity = new InstanceIdentity(database, `${ino} ${birthtimeMs}`);
    const row = database.prepare("SELECT instance, call, inode FROM identity").get();
    // A copy of a state folder is another server's: two must never count under one name. File systems
    // that do not know when a file was made tell its latest change instead.
    const isSame =
      birthtimeMs === ctimeMs
        ? String(row?.inode).startsWith(`${ino} `)
        : row?.inode === identity.#inode;
    if (row !== undefined && isSame) {
      identity.#currentInstance = String(row.instance);
      identity.#currentCall = Number(row.call);
    } else {
      identity.#save();
    }
    return identity;
  }

  get instance(): string {
    return this.#currentInstance;
  }

  /** The last call that carried counts of this instance: a store that has not noted it has lost some. */
  get lastCall(): number {
    return this.#currentCall;
  }

  /** To be called before the call is sent. */
  noteCall(call: number): void {
    this.#currentCall = call;
    this.#save();
  }

  /** Takes a new name, because the old one's counts in the store cannot be relied on. */
  renew(): void {
    this.#currentInstance = newInstance();
    this.#currentCall = 0;
    this.#save();
  }

  close(): void {
    this.#database = closeQuietly(this.#database);
  }

  #save(): void {
    try {
      this.#database?.exec("BEGIN; DELETE FROM identity");
      this.#database
        ?.prepare("INSERT INTO identity (instance, call, inode) VALUES (?, ?, ?)")
        .run(this.#currentInstance, this.#currentCall, this.#inode);
      this.#database?.exec("COMMIT");
    } catch {
      // On a full disk the old number stays. That matters only if this process is killed, and the store
      // loses what came since, before the next start.
      if (this.#database?.isTransaction) this.#database.exec("ROLLBACK");
    }
  }
}

function openFile(file: string): InstanceIdentity | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // The lock is taken by the first write and held as long as the file is open. Nothing waits for the
    // disk: what has to survive is the death of the process.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    return InstanceIdentity.read(database, file);
  } catch {
    // Held by another process, or damaged: the next file serves as well.
    closeQuietly(database);
    return undefined;
  }
}

function newInstance(): string {
  return randomBytes(9).toString("base64url");
}
