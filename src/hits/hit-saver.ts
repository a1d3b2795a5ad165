// Keeps the hits in shared memory and the hits on disk in step, on the main thread: loads at start,
// saves gains twice a second, takes in what other servers saved. Whatever the disk does, counting
// goes on in memory, and what was counted is saved as soon as it can be.

import { renameSync } from "node:fs";
import { join } from "node:path";
import { closeQuietly } from "../base/close-quietly.ts";
import { makeFolder } from "../base/make-folder.ts";
import { describeFileError } from "../base/system-error.ts";
import type { HitLedger } from "./hit-ledger.ts";
import { type HitStore, isDamage, openHitStore } from "./hit-store.ts";

/** Twice a second: after a kill at most the last second may be missing. */
const SAVE_INTERVAL_MS = 500;
/** One statement's worth of a first save or a recovery; a transaction of this size takes about 50 ms. */
const GAINS_PER_SAVE_MAX = 20_000;

export interface HitSaverOptions {
  readonly stateDir: string;
  readonly rootDir: string;
  readonly ledger: HitLedger;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  readonly wallMs: () => number;
}

export class HitSaver {
  private readonly options: HitSaverOptions;
  private readonly file: string;
  private store: HitStore | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isTroubled = false;
  private savedMs: number;
  private hasWarnedOfRoom = false;

  constructor(options: HitSaverOptions) {
    this.options = options;
    this.file = join(options.stateDir, "hits.sqlite");
    this.savedMs = options.wallMs();
  }

  /** How long ago all hits were on disk, in ms: what was counted since may be missing after a kill. */
  get lagMs(): number {
    return Math.max(0, this.options.wallMs() - this.savedMs);
  }

  /** Loads what is on disk and begins to save. Never throws: without a store there is a warning. */
  start(): void {
    this.saveOnce();
    this.timer = setInterval(() => this.saveOnce(), SAVE_INTERVAL_MS);
  }

  /** Saves the last gains and closes the store. */
  stop(): void {
    clearInterval(this.timer);
    this.saveOnce();
    // Everything is committed, or there was a warning.
    this.store = closeQuietly(this.store);
  }

  private saveOnce(): void {
    this.warnOfRoom();
    try {
      this.saveGains();
      if (this.isTroubled) this.options.warn(`hits are saved to "${this.file}" again`);
      this.isTroubled = false;
      this.savedMs = this.options.wallMs();
    } catch (error) {
      this.store = closeQuietly(this.store);
      if (isDamage(error)) this.setAside();
      else this.warnOfTrouble(error as Error);
    }
  }

  private saveGains(): void {
    const { ledger } = this.options;
    this.store ??= this.openStore();
    const gains = ledger.readGains();
    for (let from = 0; from < gains.length; from += GAINS_PER_SAVE_MAX) {
      const batch = gains.slice(from, from + GAINS_PER_SAVE_MAX);
      const totals = this.store.addGains(batch);
      totals.forEach(({ path, total }, index) => {
        ledger.markSaved(path, batch[index]?.gained ?? 0, total);
      });
    }
    for (const { path, total } of this.store.readChangedTotals() ?? [])
      ledger.setTotal(path, total);
  }

  private openStore(): HitStore {
    makeFolder(this.options.stateDir);
    return openHitStore(this.file, this.options.rootDir);
  }

  /** A damaged store is kept under another name, for whoever wants to mend it; a fresh one begins. */
  private setAside(): void {
    const stamp = new Date(this.options.wallMs()).toISOString().replaceAll(/[:.]/g, "-");
    const asideFile = `${this.file}.damaged-${stamp}`;
    try {
      for (const suffix of ["-wal", "-shm", ""])
        renameIfThere(this.file + suffix, asideFile + suffix);
      this.options.ledger.markAllLost();
      this.options.warn(
        `the hit store "${this.file}" is damaged: set aside as "${asideFile}", a fresh one is begun`,
      );
      this.saveGains();
    } catch (error) {
      this.store = closeQuietly(this.store);
      this.warnOfTrouble(error as Error);
    }
  }

  private warnOfTrouble(error: Error): void {
    if (this.isTroubled) return;
    this.isTroubled = true;
    this.options.warn(
      `cannot save hits to "${this.file}": ${describeFileError(error)}; counting goes on in memory and is saved as soon as it can be (--state names another folder, or memory)`,
    );
  }

  private warnOfRoom(): void {
    if (this.hasWarnedOfRoom || this.options.ledger.hitsWithoutRoom() === 0) return;
    this.hasWarnedOfRoom = true;
    this.options.warn("the table of counted files is full: hits of further files are not counted");
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
