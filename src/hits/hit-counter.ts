// Counts hits in shared memory: exact under any number of threads, because a count is one atomic
// addition. Each server thread has its own SharedHitCounter over the same memory; the main thread
// reads the same slots through hit-ledger.ts and saves them. No message is sent for a hit.

import { RecentMap } from "../base/recent-map.ts";
import { hashKey } from "../shared-memory/key-hash.ts";
import {
  CONTROL_HIT_FILES,
  CONTROL_HIT_NAME_BYTES,
  CONTROL_HITS_WITHOUT_ROOM,
  hitBaseIndex,
  hitCountIndex,
  hitNameLengthWord,
  hitNameOffsetWord,
  type SharedMemory,
} from "../shared-memory/memory-layout.ts";
import { SharedTable, SLOTS_PER_SET } from "../shared-memory/shared-table.ts";
import { ChangeList } from "./change-list.ts";

/** Where hits are kept. `path` is a file's canonical path below the served folder, as bytes in Latin-1. */
export interface HitCounter {
  /** One hit more. Done before it returns, so that it is counted before the answer leaves. */
  add(path: string): void;
  /** Hits of a file so far; 0 when it has none. */
  hitsOf(path: string): number;
}

/** Slots remembered by path in each thread (twice as many), so that a hit needs no hash. */
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
    Atomics.add(this.table.longs, hitCountIndex(slot), 1n);
    // After the count: change-list.ts says why.
    this.#changes.add(slot);
  }

  hitsOf(path: string): number {
    if (!this.#filter.mayHold(path)) return 0;
    const slot = this.#slotByPath.get(path) ?? this.#find(path);
    return slot === undefined ? 0 : this.#hitsInSlot(slot);
  }

  /** The slot of a path, made if there is none; undefined when the table is full. */
  enter(path: string): number | undefined {
    // Before the slot is there: from its first count on every thread finds it.
    this.#filter.add(path);
    const key = hashKey(this.#memory.hashSecret, path);
    const { table } = this;
    // Keys never leave this table: a key lies in the first set, from its own on, that had room.
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = (table.setIndexOf(key) + step) & (table.setCount - 1);
      table.lock(setIndex);
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const slot = table.payloadWord(setIndex, way);
        const isEmpty = table.isEmpty(slot);
        if (!isEmpty && !table.holds(slot, key)) continue;
        const hasRoom = !isEmpty || this.#writeName(slot, path);
        if (isEmpty && hasRoom) table.putKey(slot, key);
        table.unlock(setIndex);
        return hasRoom ? this.#remember(path, slot) : undefined;
      }
      table.unlock(setIndex);
    }
    return undefined;
  }

  #find(path: string): number | undefined {
    const key = hashKey(this.#memory.hashSecret, path);
    const { table } = this;
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = (table.setIndexOf(key) + step) & (table.setCount - 1);
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const slot = table.payloadWord(setIndex, way);
        // The first word of a key is written last (putKey), and keys stay: no lock is needed.
        if (table.isEmpty(slot)) return undefined;
        if (table.holds(slot, key)) return this.#remember(path, slot);
      }
    }
    return undefined;
  }

  /** Hits in a slot: those of this process, and those of earlier runs and of other servers. */
  #hitsInSlot(slot: number): number {
    const { longs } = this.table;
    const count = Atomics.load(longs, hitCountIndex(slot));
    return Number(count + Atomics.load(longs, hitBaseIndex(slot)));
  }

  #remember(path: string, slot: number): number {
    this.#slotByPath.set(path, slot);
    return slot;
  }

  /** Stores a new slot's name and enters it into the journal; false when either is full. */
  #writeName(slot: number, path: string): boolean {
    const lengthBytes = path.length;
    const offset = Atomics.add(this.#control, CONTROL_HIT_NAME_BYTES, lengthBytes);
    if (offset < 0 || offset + lengthBytes > this.#names.length) {
      // Given back, or the sum would wrap around after enough refusals.
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
    this.table.words[hitNameOffsetWord(slot)] = offset;
    this.table.words[hitNameLengthWord(slot)] = lengthBytes;
    // Last: the main thread reads the name as soon as it sees the entry.
    Atomics.store(this.#journal, entry, slot);
    return true;
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Knows of most paths that were never counted that they were not, without the hash of the table, which
 * takes fifty times as long: listings ask for thousands of them. One for all threads, in shared memory.
 */
export class PathFilter {
  readonly #words: Int32Array;
  readonly #wordMask: number;

  /** @param memory a power of two of bytes, at least 4, zeroed at first */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#wordMask = this.#words.length - 1;
  }

  /** To be called before the path is counted for the first time. */
  add(path: string): void {
    const hash = hashPath(path);
    Atomics.or(this.#words, (hash >>> 5) & this.#wordMask, 1 << (hash & 31));
  }

  /** False when the path was not added; true when it was, and seldom when it was not. */
  mayHold(path: string): boolean {
    const hash = hashPath(path);
    return (Atomics.load(this.#words, (hash >>> 5) & this.#wordMask) & (1 << (hash & 31))) !== 0;
  }
}

/**
 * FNV-1a, its bits mixed once more, because its low ones alone differ too little. A client that chooses
 * paths that share a bit gains nothing but the time of the table's own hash.
 */
function hashPath(path: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at++) {
    hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 15), FNV_PRIME);
  return hash ^ (hash >>> 13);
}
