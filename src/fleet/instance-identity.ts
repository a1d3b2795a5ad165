// The name under which the store keeps the counts of a server. With a state folder the name is kept there, so
// that a restarted server continues under it; without one each start has a new name. hit-sync.ts uses it. One
// process at a time holds a name. The system's file lock ensures that, however the process ends.

import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closeQuietly, makeFolder } from "../base/files.ts";

export interface IdentityPlace {
  readonly stateDir: string;
  readonly rootDir: string;
  /** The store and the prefix in it, because a name belongs to one store. */
  readonly store: string;
}

/** Further servers of one folder with one state folder get a new name at each start. */
const NAMES_PER_PLACE_MAX = 64;

const SCHEMA = `CREATE TABLE IF NOT EXISTS identity (
  instance TEXT NOT NULL, call INTEGER NOT NULL, inode TEXT NOT NULL
) STRICT`;

export class InstanceIdentity {
  #currentInstance = newInstance();
  #currentCall = 0;
  #database: DatabaseSync | undefined;
  /** The inode of the file that keeps the name, and the time when that file was created. */
  readonly #inode: string;

  private constructor(database?: DatabaseSync, inode = "") {
    this.#database = database;
    this.#inode = inode;
  }

  /** A name that no instance has had, and that is not kept. */
  static fresh(): InstanceIdentity {
    return new InstanceIdentity();
  }

  /**
   * The first name of that place that no other process holds. Never throws: where no name can be kept, it
   * returns a fresh one.
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
      // Counting works without a name that is kept. The next start of this server has another one.
    }
    return InstanceIdentity.fresh();
  }

  /** Reads the name from a file that only this process has open. Throws what SQLite throws. */
  static read(database: DatabaseSync, file: string): InstanceIdentity {
    database.exec(SCHEMA);
    const { ino, birthtimeMs, ctimeMs } = statSync(file);
    const identity = new InstanceIdentity(database, `${ino} ${birthtimeMs}`);
    const row = database.prepare("SELECT instance, call, inode FROM identity").get();
    // A copy of a state folder belongs to another server, and two must never count under one name. File
    // systems that do not know when a file was created give the time of its latest change instead.
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

  /** The last call with counts of this instance. A store that has not noted it has lost some. */
  get lastCall(): number {
    return this.#currentCall;
  }

  /** Call it before the call is sent. */
  noteCall(call: number): void {
    this.#currentCall = call;
    this.#save();
  }

  /** Takes a new name, because the counts under the old one cannot be relied on. */
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
      // On a full disk the old number stays. That matters only if this process is killed and the store loses
      // its latest changes, both before the next start.
      if (this.#database?.isTransaction) this.#database.exec("ROLLBACK");
    }
  }
}

function openFile(file: string): InstanceIdentity | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // The first write takes the lock, which is held as long as the file is open. Nothing waits for the disk,
    // because the name only has to survive the death of the process.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    return InstanceIdentity.read(database, file);
  } catch {
    // Another process holds the file, or it is damaged. The next file will do.
    closeQuietly(database);
    return undefined;
  }
}

function newInstance(): string {
  return randomBytes(9).toString("base64url");
}
