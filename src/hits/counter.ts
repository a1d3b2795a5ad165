// Counts hits in shared memory. The counts are exact under any number of threads, because a hit is one
// atomic addition. Each server thread has its own SharedHitCounter over the same memory; the main thread
// reads the same slots through ledger.ts and saves them. No thread sends a message for a hit.

import { RecentMap } from "../base/recent-map.ts";
import {
  CONTROL_HIT_FILES,
  CONTROL_HIT_NAME_BYTES,
  CONTROL_HITS_WITHOUT_ROOM,
  HIT_BASE_WORD,
  HIT_COUNT_WORD,
  HIT_LISTED_BY_WORD,
  HIT_NAME_LENGTH_WORD,
  HIT_NAME_OFFSET_WORD,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import { hashKey, SharedTable } from "../memory/shared-table.ts";
import { ChangeList, UNLISTED } from "./change-list.ts";

/** Counts hits. A `path` is a file's canonical path below the served folder, one character for each byte. */
export interface HitCounter {
  /** Counts one hit before it returns, so that the hit is counted before the answer leaves. */
  add(path: string): void;
  /** Hits of a file so far. */
  hitsOf(path: string): number;
}

/** Each thread remembers the slots of up to twice as many paths, so that their hits need no hash. */
const REMEMBERED_SLOTS_MAX = 1 << 16;

export class SharedHitCounter implements HitCounter {
  readonly table: SharedTable;
  readonly #memory: SharedMemory;
  readonly #control: Int32Array;
  readonly #journal: Int32Array;
  readonly #names: Buffer;
  readonly #filter: PathFilter;
  readonly #changes: ChangeList;
  readonly #slotByPath = new RecentMap<string, number>(REMEMBERED_SLOTS_MAX);

  constructor(memory: SharedMemory, threadIndex: number) {
    this.table = new SharedTable(memory.hitTable, memory.hitShape, threadIndex);
    this.#memory = memory;
    this.#control = new Int32Array(memory.control);
    this.#journal = new Int32Array(memory.hitJournal);
    this.#names = Buffer.from(memory.hitNames);
    this.#filter = new PathFilter(memory.hitFilter);
    this.#changes = new ChangeList(memory, this.table, threadIndex);
  }

  add(path: string): void {
    const slot = this.#slotByPath.get(path) ?? this.enter(path);
    if (slot === undefined) {
      Atomics.add(this.#control, CONTROL_HITS_WITHOUT_ROOM, 1);
      return;
    }
    const { longs, words } = this.table;
    Atomics.add(longs, (slot + HIT_COUNT_WORD) >> 1, 1n);
    // After the count (change-list.ts says why). Most hits end here, with one load: the file is listed.
    if (Atomics.load(words, slot + HIT_LISTED_BY_WORD) === UNLISTED) this.#changes.add(slot);
  }

  hitsOf(path: string): number {
    if (!this.#filter.mayHold(path)) return 0;
    const slot = this.#slotByPath.get(path) ?? this.#find(path);
    if (slot === undefined) return 0;
    // Hits of this process, and those of earlier runs and of other servers.
    const { longs } = this.table;
    const count = Atomics.load(longs, (slot + HIT_COUNT_WORD) >> 1);
    return Number(count + Atomics.load(longs, (slot + HIT_BASE_WORD) >> 1));
  }

  /** The slot of a path, which gets one if it has none; undefined when the table is full. */
  enter(path: string): number | undefined {
    // Before the slot exists: from its first count on every thread must find it.
    this.#filter.add(path);
    const key = hashKey(this.#memory.hashSecret, path);
    const { table } = this;
    // Keys never leave this table: a key lies in the first set that had room, from its own set on.
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = table.lockSetOf(key, step);
      const known = table.find(setIndex, key);
      const empty = known === undefined ? table.findEmpty(setIndex) : undefined;
      const hasEntered = empty !== undefined && this.#writeName(empty, path);
      if (hasEntered) table.putKey(empty, key);
      table.unlock(setIndex);
      const slot = hasEntered ? empty : known;
      if (slot !== undefined) this.#slotByPath.set(path, slot);
      const isSetFull = known === undefined && empty === undefined;
      if (!isSetFull) return slot;
    }
    return undefined;
  }

  #find(path: string): number | undefined {
    const key = hashKey(this.#memory.hashSecret, path);
    const { table } = this;
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = table.setIndexOf(key, step);
      // Without the lock: the first word of a key is written last (putKey), and keys never leave.
      const slot = table.find(setIndex, key);
      if (slot !== undefined) {
        this.#slotByPath.set(path, slot);
        return slot;
      }
      if (table.findEmpty(setIndex) !== undefined) return undefined;
    }
    return undefined;
  }

  /** Stores the name of a new slot and adds the slot to the journal; false when either is full. */
  #writeName(slot: number, path: string): boolean {
    const lengthBytes = path.length;
    const offset = Atomics.add(this.#control, CONTROL_HIT_NAME_BYTES, lengthBytes);
    if (offset < 0 || offset + lengthBytes > this.#names.length) {
      // Without this the sum would wrap around after enough refusals.
      Atomics.sub(this.#control, CONTROL_HIT_NAME_BYTES, lengthBytes);
      return false;
    }
    const entry = Atomics.add(this.#control, CONTROL_HIT_FILES, 1);
    if (entry >= this.#journal.length) {
      Atomics.sub(this.#control, CONTROL_HIT_FILES, 1);
      Atomics.sub(this.#control, CONTROL_HIT_NAME_BYTES, lengthBytes);
      return false;
    }
    this.#names.write(path, offset, "latin1");
    this.table.words[slot + HIT_NAME_OFFSET_WORD] = offset;
    this.table.words[slot + HIT_NAME_LENGTH_WORD] = lengthBytes;
    // Last: the main thread reads the name as soon as it sees the entry.
    Atomics.store(this.#journal, entry, slot);
    return true;
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Tells for most paths that were never counted that they were not. It saves the hash of the table, which
 * takes fifty times as long: a listing asks for thousands of paths. All threads share one filter.
 */
export class PathFilter {
  readonly #words: Int32Array;
  readonly #wordMask: number;

  /** @param memory its size is a power of two of at least 4 bytes; zeroed at first */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#wordMask = this.#words.length - 1;
  }

  /** Call it before the path is counted for the first time. */
  add(path: string): void {
    const hash = hashPath(path);
    Atomics.or(this.#words, (hash >>> 5) & this.#wordMask, 1 << (hash & 31));
  }

  /** True for every path that was added, and for few others. */
  mayHold(path: string): boolean {
    const hash = hashPath(path);
    return (Atomics.load(this.#words, (hash >>> 5) & this.#wordMask) & (1 << (hash & 31))) !== 0;
  }
}

/**
 * FNV-1a with its bits mixed once more, because its low bits alone differ too little. A client that chooses
 * paths with the same bit only makes the server compute the table's own hash.
 */
function hashPath(path: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at++) {
    hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 15), FNV_PRIME);
  return hash ^ (hash >>> 13);
}
