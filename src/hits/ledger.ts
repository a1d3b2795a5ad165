// The main thread's book of the counted files: which files there are, what each has gained since it was
// last saved, and what other servers of the same folder have added. The saver saves its gains and brings it
// the totals (sqlite-saver.ts, or fleet/saver.ts where servers share a store), and top-files.ts reads it.
// It looks at a file only when that file has changed (change-list.ts).

import {
  CONTROL_HIT_FILES,
  CONTROL_HITS_WITHOUT_ROOM,
  HIT_BASE_WORD,
  HIT_COUNT_WORD,
  HIT_NAME_LENGTH_WORD,
  HIT_NAME_OFFSET_WORD,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import { ChangeList } from "./change-list.ts";
import { SharedHitCounter } from "./counter.ts";

/** Hits that a file has gained and that are not saved yet. */
export interface HitGain {
  readonly path: string;
  readonly gained: number;
}

/** All hits of a file, those that other servers have counted included. */
export interface HitTotal {
  readonly path: string;
  readonly total: number;
}

/** Saves the hits of a ledger where they outlive the process. */
export interface HitSaver {
  /** How long ago all hits were saved, in ms. After a kill, hits that were counted since then may be missing. */
  readonly lagMs: number;
  /** Saves the last hits and ends. The server threads have already ended. */
  stop(): void | Promise<void>;
  /** Ends now, and saves only what it can save without waiting. */
  stopAtOnce(): void;
}

/** A file that has been counted, or whose hits another server has saved. */
export interface CountedFile {
  /** Canonical path below the served folder, one character for each byte. */
  readonly path: string;
  /** Its number in the order in which files appeared; it never changes. */
  readonly index: number;
}

/** The changes that one reader of the ledger has not seen yet. */
export interface ChangedFiles {
  /** Each file whose hits have changed since the last call. The first call returns every file. */
  take(): CountedFile[];
}

interface Reader {
  /** It has to look at all files, because it is new or a thread has died. */
  isBehind: boolean;
  /** Otherwise it looks at these, which have changed since its last look. */
  readonly unseen: Set<LedgerEntry>;
}

interface LedgerEntry extends CountedFile {
  readonly slot: number;
  /** How much of the slot's own count is saved; below 0 when the file has lost the base as well. */
  saved: number;
}

const MAIN_THREAD_INDEX = 0;
const NO_ROOM = "the table of counted files is full: hits of further files are not counted";

export class HitLedger {
  readonly #counter: SharedHitCounter;
  readonly #changes: ChangeList;
  readonly #longs: BigInt64Array;
  readonly #control: Int32Array;
  readonly #journal: Int32Array;
  readonly #names: Buffer;
  readonly #entries: LedgerEntry[] = [];
  readonly #entryByPath = new Map<string, LedgerEntry>();
  /** For each slot of the table the index of its file + 1, or 0 while no file is known for it. */
  readonly #fileNumberBySlot: Int32Array;
  /** Journal entries that are taken but not readable yet: a thread is writing them, or died while it did. */
  #unreadEntries: number[] = [];
  #journalSeen = 0;
  readonly #readers: Reader[] = [];
  /** Every file with a gain that is not saved; undefined when all files have to be looked at. */
  #unsaved: Set<LedgerEntry> | undefined;
  #hasWarnedOfRoom = false;

  constructor(memory: SharedMemory) {
    this.#counter = new SharedHitCounter(memory, MAIN_THREAD_INDEX);
    this.#changes = new ChangeList(memory, this.#counter.table, MAIN_THREAD_INDEX);
    this.#longs = this.#counter.table.longs;
    this.#control = new Int32Array(memory.control);
    this.#journal = new Int32Array(memory.hitJournal);
    this.#names = Buffer.from(memory.hitNames);
    this.#fileNumberBySlot = new Int32Array(memory.hitShape.slotCount);
  }

  /** Files and folders that were counted. */
  get fileCount(): number {
    this.#readJournal();
    return this.#entries.length;
  }

  /** Every file, in the order of their indices. */
  get files(): readonly CountedFile[] {
    this.#readJournal();
    return this.#entries;
  }

  /** Starts a new reader of changes, which sees each change once. */
  follow(): ChangedFiles {
    const reader: Reader = { isBehind: true, unseen: new Set() };
    this.#readers.push(reader);
    return {
      take: () => {
        this.#look();
        const files = [...(reader.isBehind ? this.#entries : reader.unseen)];
        reader.isBehind = false;
        reader.unseen.clear();
        return files;
      },
    };
  }

  /** Hits of a file that this process has counted. Reads one slot. */
  countedOf(file: CountedFile): number {
    return this.#countOf(this.#entries[file.index]!);
  }

  /** All hits of a file: of this process, of earlier ones and of other servers. Reads one slot. */
  totalOf(file: CountedFile): number {
    const entry = this.#entries[file.index]!;
    return this.#countOf(entry) + this.#baseOf(entry);
  }

  /** Every file whose count has grown since it was last marked as saved. */
  readGains(): HitGain[] {
    this.#look();
    const candidates = this.#unsaved ?? this.#entries;
    const gains: HitGain[] = [];
    // A file without a gain is dropped. Its mark in the change list was cleared before its count is read
    // here, so its next hit lists it again.
    this.#unsaved = new Set();
    for (const entry of candidates) {
      const gained = this.#countOf(entry) - entry.saved;
      if (gained <= 0) continue;
      gains.push({ path: entry.path, gained });
      this.#unsaved.add(entry);
    }
    return gains;
  }

  /** `gained` more hits of a file are saved, which makes `total` hits over all servers. */
  markSaved(path: string, gained: number, total: number): void {
    const entry = this.#entryByPath.get(path);
    if (entry === undefined) return;
    entry.saved += gained;
    this.#setBase(entry, total);
    // A hit that comes after this count was read lists the file again.
    if (this.#countOf(entry) === entry.saved) this.#unsaved?.delete(entry);
  }

  /** All saved hits are lost. They become gains again, the hits of other servers included. */
  markAllLost(): void {
    for (const entry of this.#entries) entry.saved = -this.#baseOf(entry);
    this.#unsaved = undefined;
  }

  /** `total` hits of a file are saved, over all servers. */
  setTotal(path: string, total: number): void {
    let entry = this.#entryByPath.get(path);
    if (entry === undefined) {
      if (this.#counter.enter(path) === undefined) return;
      this.#readJournal();
      entry = this.#entryByPath.get(path);
    }
    if (entry !== undefined) this.#setBase(entry, total);
  }

  /**
   * A server thread has died, maybe in the middle of a hit. This frees its locks and its marks. Call it
   * before the successor starts (change-list.ts). Every reader's next look is at all files.
   */
  threadDied(threadIndex: number): void {
    this.#counter.table.unlockAllOf(threadIndex);
    // The list is emptied first: a mark that is left then belongs to a slot that is not in the list.
    this.#look();
    for (const { slot } of this.#entries) this.#changes.releaseMark(slot, threadIndex);
    this.lookAtAll();
  }

  /** Makes the next look one at all files. Threads have ended, and a hit may be on no list. */
  lookAtAll(): void {
    this.#unsaved = undefined;
    for (const reader of this.#readers) reader.isBehind = true;
  }

  /** Hits that could not be counted because the table is full. */
  hitsWithoutRoom(): number {
    return Atomics.load(this.#control, CONTROL_HITS_WITHOUT_ROOM);
  }

  /** One line for the person who runs the server, the first time that hits have found no room. */
  takeRoomWarning(): string | undefined {
    if (this.#hasWarnedOfRoom || this.hitsWithoutRoom() === 0) return undefined;
    this.#hasWarnedOfRoom = true;
    return NO_ROOM;
  }

  /** Reads what has changed since the last look, and which files are new. */
  #look(): void {
    // The list comes before the journal: a slot in the list has a journal entry by then.
    const changedSlots = this.#changes.take();
    this.#readJournal();
    for (const slot of changedSlots) {
      const entry = this.#entries[this.#fileNumberOf(slot) - 1];
      if (entry !== undefined) this.#noteChange(entry);
    }
  }

  #noteChange(entry: LedgerEntry): void {
    this.#unsaved?.add(entry);
    for (const reader of this.#readers) if (!reader.isBehind) reader.unseen.add(entry);
  }

  #fileNumberOf(slot: number): number {
    return this.#fileNumberBySlot[this.#counter.table.slotIndexOf(slot)] as number;
  }

  #setBase(entry: LedgerEntry, total: number): void {
    // The base is a difference: readers add it to a count that keeps growing meanwhile.
    const base = total - entry.saved;
    if (base === this.#baseOf(entry)) return;
    Atomics.store(this.#longs, (entry.slot + HIT_BASE_WORD) >> 1, BigInt(base));
    for (const reader of this.#readers) if (!reader.isBehind) reader.unseen.add(entry);
  }

  #baseOf(entry: LedgerEntry): number {
    return Number(Atomics.load(this.#longs, (entry.slot + HIT_BASE_WORD) >> 1));
  }

  #countOf(entry: LedgerEntry): number {
    return Number(Atomics.load(this.#longs, (entry.slot + HIT_COUNT_WORD) >> 1));
  }

  #readJournal(): void {
    // The count is too large for a moment while a thread finds that the journal is full.
    const taken = Math.min(Atomics.load(this.#control, CONTROL_HIT_FILES), this.#journal.length);
    for (; this.#journalSeen < taken; this.#journalSeen++) {
      this.#unreadEntries.push(this.#journalSeen);
    }
    // An entry that is never written must not hide those behind it.
    this.#unreadEntries = this.#unreadEntries.filter((index) => !this.#readEntry(index));
  }

  #readEntry(journalIndex: number): boolean {
    const slot = Atomics.load(this.#journal, journalIndex);
    // A slot without a key counts nothing yet. If its thread has died, another file may still get the slot.
    if (slot === 0 || this.#counter.table.isEmpty(slot)) return false;
    // Such a file has an entry of its own for the same slot, and its hits would count twice.
    if (this.#fileNumberOf(slot) > 0) return true;
    const { words } = this.#counter.table;
    const offset = words[slot + HIT_NAME_OFFSET_WORD] as number;
    const lengthBytes = words[slot + HIT_NAME_LENGTH_WORD] as number;
    const path = this.#names.toString("latin1", offset, offset + lengthBytes);
    const entry = { path, index: this.#entries.length, slot, saved: 0 };
    this.#entries.push(entry);
    this.#entryByPath.set(path, entry);
    this.#fileNumberBySlot[this.#counter.table.slotIndexOf(slot)] = this.#entries.length;
    // A new file is a change, even if the thread that counted it has not listed it yet, or has died.
    this.#noteChange(entry);
    return true;
  }
}
