// The main thread's view of the counted files: which there are, what each has gained since it was
// last saved, and what other servers of the same folder added. Used by hit-saver.ts, and where servers
// share a store by store/hit-sync.ts.

import {
  CONTROL_HIT_FILES,
  CONTROL_HITS_WITHOUT_ROOM,
  hitBaseIndex,
  hitCountIndex,
  hitNameLengthWord,
  hitNameOffsetWord,
  type SharedMemory,
} from "../shared-memory/memory-layout.ts";
import { SharedHitCounter } from "./hit-counter.ts";

/** Hits that a file has gained and that no store knows yet. */
export interface HitGain {
  readonly path: string;
  readonly gained: number;
}

interface LedgerEntry {
  readonly path: string;
  readonly slot: number;
  /** Of the slot's own count, how much is in the store; below 0 when the base is missing there too. */
  saved: number;
}

const MAIN_THREAD_INDEX = 0;

export class HitLedger {
  private readonly counter: SharedHitCounter;
  private readonly longs: BigInt64Array;
  private readonly control: Int32Array;
  private readonly journal: Int32Array;
  private readonly names: Buffer;
  private readonly entryByPath = new Map<string, LedgerEntry>();
  /** Journal entries that are taken and not read yet: a thread is writing them, or died doing so. */
  private unreadEntries: number[] = [];
  private journalSeen = 0;

  constructor(memory: SharedMemory) {
    this.counter = new SharedHitCounter(memory, MAIN_THREAD_INDEX);
    this.longs = this.counter.table.longs;
    this.control = new Int32Array(memory.control);
    this.journal = new Int32Array(memory.hitJournal);
    this.names = Buffer.from(memory.hitNames);
  }

  /** Files and folders that were counted. */
  get fileCount(): number {
    this.readJournal();
    return this.entryByPath.size;
  }

  /** Every file whose count grew since it was last marked as saved. */
  readGains(): HitGain[] {
    this.readJournal();
    const gains: HitGain[] = [];
    for (const entry of this.entryByPath.values()) {
      const gained = this.countOf(entry) - entry.saved;
      if (gained > 0) gains.push({ path: entry.path, gained });
    }
    return gains;
  }

  /**
   * Calls `visit` for each counted file, in the order in which they appeared, which never changes: with
   * what this process has counted, and with the total of all before and beside it.
   */
  forEachFile(visit: (path: string, counted: number, total: number) => void): void {
    this.readJournal();
    for (const entry of this.entryByPath.values()) {
      const counted = this.countOf(entry);
      visit(entry.path, counted, counted + this.baseOf(entry));
    }
  }

  /**
   * Each counted file, in the order of `forEachFile`, with what this process has counted: one after the
   * other, so that its reader may pause between them.
   */
  *readCounts(): Generator<{ readonly path: string; readonly counted: number }> {
    this.readJournal();
    for (const entry of this.entryByPath.values()) {
      yield { path: entry.path, counted: this.countOf(entry) };
    }
  }

  /** The store now holds `gained` hits more of a file, and `total` with everybody's. */
  markSaved(path: string, gained: number, total: number): void {
    const entry = this.entryByPath.get(path);
    if (entry === undefined) return;
    entry.saved += gained;
    this.setBase(entry, total);
  }

  /** The store has lost everything: what it knew becomes a gain again, the base included. */
  markAllLost(): void {
    for (const entry of this.entryByPath.values()) entry.saved = -this.baseOf(entry);
  }

  /** What the store holds of a file, by whomever it was counted. */
  setTotal(path: string, total: number): void {
    let entry = this.entryByPath.get(path);
    if (entry === undefined) {
      if (this.counter.enter(path) === undefined) return;
      this.readJournal();
      entry = this.entryByPath.get(path);
    }
    if (entry !== undefined) this.setBase(entry, total);
  }

  /** Hits that could not be counted because the table is full. */
  hitsWithoutRoom(): number {
    return Atomics.load(this.control, CONTROL_HITS_WITHOUT_ROOM);
  }

  private setBase(entry: LedgerEntry, total: number): void {
    // Only the difference is written: readers add it to a count that goes on growing meanwhile.
    Atomics.store(this.longs, hitBaseIndex(entry.slot), BigInt(total - entry.saved));
  }

  private baseOf(entry: LedgerEntry): number {
    return Number(Atomics.load(this.longs, hitBaseIndex(entry.slot)));
  }

  private countOf(entry: LedgerEntry): number {
    return Number(Atomics.load(this.longs, hitCountIndex(entry.slot)));
  }

  private readJournal(): void {
    // The count is for a moment too large while a thread finds the journal full.
    const taken = Math.min(Atomics.load(this.control, CONTROL_HIT_FILES), this.journal.length);
    for (; this.journalSeen < taken; this.journalSeen++) this.unreadEntries.push(this.journalSeen);
    // One that is never written must not hide those behind it.
    this.unreadEntries = this.unreadEntries.filter((index) => !this.readEntry(index));
  }

  private readEntry(index: number): boolean {
    const slot = Atomics.load(this.journal, index);
    // Without its key the slot counts nothing yet; if its thread died, another file may still get it.
    if (slot === 0 || this.counter.table.isEmpty(slot)) return false;
    const offset = this.counter.table.words[hitNameOffsetWord(slot)] as number;
    const lengthBytes = this.counter.table.words[hitNameLengthWord(slot)] as number;
    const path = this.names.toString("latin1", offset, offset + lengthBytes);
    this.entryByPath.set(path, { path, slot, saved: 0 });
    return true;
  }
}
