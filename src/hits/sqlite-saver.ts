// Keeps the hits in shared memory and in the SQLite file in step, on the main thread. It loads the totals at
// the start, saves gains twice a second, and reads what other servers of the same folder have saved. When
// the disk fails, counting goes on in memory and is saved as soon as possible. A pass costs as much as there
// are changes of this server. Only when another server has saved something does it read all totals.

import { renameSync } from "node:fs";
import { join } from "node:path";
import { closeQuietly, makeFolder } from "../base/files.ts";
import { describeFileError } from "../base/operation-error.ts";
import type { HitLedger, HitSaver } from "./ledger.ts";
import { isDamage, openSqliteHits, SQLITE_FILE_NAME, type SqliteHits } from "./sqlite.ts";

/** Twice a second, so that after a kill at most the last second may be missing. */
const SAVE_INTERVAL_MS = 500;
/** A first save or a recovery is split into transactions of this size, which take about 50 ms each. */
const GAINS_PER_SAVE_MAX = 20_000;

export interface SqliteSaverOptions {
  readonly stateDir: string;
  readonly rootDir: string;
  readonly ledger: HitLedger;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  readonly wallMs: () => number;
}

export class SqliteSaver implements HitSaver {
  readonly #options: SqliteSaverOptions;
  readonly #file: string;
  #sqlite: SqliteHits | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isTroubled = false;
  #savedMs: number;

  constructor(options: SqliteSaverOptions) {
    this.#options = options;
    this.#file = join(options.stateDir, SQLITE_FILE_NAME);
    this.#savedMs = options.wallMs();
  }

  get lagMs(): number {
    return Math.max(0, this.#options.wallMs() - this.#savedMs);
  }

  /** Loads the totals on disk and begins to save. It never throws: when the disk fails, it warns. */
  start(): void {
    this.#save();
    this.#timer = setInterval(() => this.#save(), SAVE_INTERVAL_MS);
  }

  /** Saves the last gains and closes the file. */
  stop(): void {
    clearInterval(this.#timer);
    // A thread that was ended in the middle of a hit may have counted it without listing it.
    this.#options.ledger.lookAtAll();
    this.#save();
    // Everything is committed, or a warning was printed.
    this.#sqlite = closeQuietly(this.#sqlite);
  }

  stopAtOnce(): void {
    this.stop();
  }

  #save(): void {
    const { ledger, warn, wallMs } = this.#options;
    const roomWarning = ledger.takeRoomWarning();
    if (roomWarning !== undefined) warn(roomWarning);
    try {
      this.#saveGains();
      if (this.#isTroubled) warn(`hits are saved to "${this.#file}" again`);
      this.#isTroubled = false;
      this.#savedMs = wallMs();
    } catch (error) {
      this.#sqlite = closeQuietly(this.#sqlite);
      if (isDamage(error)) this.#setAside();
      else this.#warnOfTrouble(error as Error);
    }
  }

  #saveGains(): void {
    const { ledger } = this.#options;
    this.#sqlite ??= this.#open();
    const gains = ledger.readGains();
    for (let from = 0; from < gains.length; from += GAINS_PER_SAVE_MAX) {
      const batch = gains.slice(from, from + GAINS_PER_SAVE_MAX);
      const totals = this.#sqlite.addGains(batch);
      totals.forEach(({ path, total }, index) => {
        ledger.markSaved(path, batch[index]?.gained ?? 0, total);
      });
    }
    for (const { path, total } of this.#sqlite.readChangedTotals() ?? []) {
      ledger.setTotal(path, total);
    }
  }

  #open(): SqliteHits {
    makeFolder(this.#options.stateDir);
    return openSqliteHits(this.#file, this.#options.rootDir);
  }

  /** Renames a damaged file, so that a person may repair it, and starts a new one. */
  #setAside(): void {
    const { ledger, warn, wallMs } = this.#options;
    const stamp = new Date(wallMs()).toISOString().replaceAll(/[:.]/g, "-");
    const asideFile = `${this.#file}.damaged-${stamp}`;
    try {
      for (const suffix of ["-wal", "-shm", ""]) {
        renameIfThere(this.#file + suffix, asideFile + suffix);
      }
      ledger.markAllLost();
      warn(
        `the file of hits "${this.#file}" is damaged: it was renamed to "${asideFile}", and a new one was started`,
      );
      this.#saveGains();
    } catch (error) {
      this.#sqlite = closeQuietly(this.#sqlite);
      this.#warnOfTrouble(error as Error);
    }
  }

  #warnOfTrouble(error: Error): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#options.warn(
      `cannot save hits to "${this.#file}": ${describeFileError(error)}; counting goes on in memory and is saved as soon as it can be (--state names another folder, or memory)`,
    );
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
