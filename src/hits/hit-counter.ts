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
import { PathFilter } from "./path-filter.ts";

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
  private readonly memory: SharedMemory;
  private readonly control: Int32Array;
  private readonly journal: Int32Array;
  private readonly names: Buffer;
  private readonly filter: PathFilter;
  private readonly slotByPath = new RecentMap<string, number>(REMEMBERED_SLOTS_MAX);

  constructor(memory: SharedMemory, threadIndex: number) {
    this.memory = memory;
    this.table = new SharedTable(memory.hitTable, memory.hitShape, threadIndex);
    this.control = new Int32Array(memory.control);
    this.journal = new Int32Array(memory.hitJournal);
    this.names = Buffer.from(memory.hitNames);
    this.filter = new PathFilter(memory.hitFilter);
  }

  add(path: string): void {
    const slot = this.slotByPath.get(path) ?? this.enter(path);
    if (slot === undefined) Atomics.add(this.control, CONTROL_HITS_WITHOUT_ROOM, 1);
    else Atomics.add(this.table.longs, hitCountIndex(slot), 1n);
  }

  hitsOf(path: string): number {
    if (!this.filter.mayHold(path)) return 0;
    const slot = this.slotByPath.get(path) ?? this.find(path);
    return slot === undefined ? 0 : this.hitsInSlot(slot);
  }

  /** Hits in a slot: of this process, and of all before and beside it. */
  hitsInSlot(slot: number): number {
    const { longs } = this.table;
    const count = Atomics.load(longs, hitCountIndex(slot));
    return Number(count + Atomics.load(longs, hitBaseIndex(slot)));
  }

  /** The slot of a path, made if there is none; undefined when the table is full. */
  enter(path: string): number | undefined {
    // Before the slot is there: from its first count on everyone finds it.
    this.filter.add(path);
    const key = hashKey(this.memory.hashSecret, path);
    const { table } = this;
    // Keys never leave this table: a key stands in the first set, from its own on, that had room.
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = (table.setIndexOf(key) + step) & (table.setCount - 1);
      table.lock(setIndex);
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const slot = table.payloadWord(setIndex, way);
        const isEmpty = table.isEmpty(slot);
        if (!isEmpty && !table.holds(slot, key)) continue;
        const hasRoom = !isEmpty || this.writeName(slot, path);
        if (isEmpty && hasRoom) table.putKey(slot, key);
        table.unlock(setIndex);
        return hasRoom ? this.remember(path, slot) : undefined;
      }
      table.unlock(setIndex);
    }
    return undefined;
  }

  private find(path: string): number | undefined {
    const key = hashKey(this.memory.hashSecret, path);
    const { table } = this;
    for (let step = 0; step < table.setCount; step++) {
      const setIndex = (table.setIndexOf(key) + step) & (table.setCount - 1);
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const slot = table.payloadWord(setIndex, way);
        // The first word of a key is written last (putKey), and keys stay: no lock is needed.
        if (table.isEmpty(slot)) return undefined;
        if (table.holds(slot, key)) return this.remember(path, slot);
      }
    }
    return undefined;
  }

  private remember(path: string, slot: number): number {
    this.slotByPath.set(path, slot);
    return slot;
  }

  /** Stores a new slot's name and enters it into the journal; false when either is full. */
  private writeName(slot: number, path: string): boolean {
    const lengthBytes = path.length;
    const offset = Atomics.add(this.control, CONTROL_HIT_NAME_BYTES, lengthBytes);
    if (offset < 0 || offset + lengthBytes > this.names.length) {
      // Given back, or the sum would wrap around after enough refusals.
      Atomics.sub(this.control, CONTROL_HIT_NAME_BYTES, lengthBytes);
      return false;
    }
    const entry = Atomics.add(this.control, CONTROL_HIT_FILES, 1);
    if (entry >= this.journal.length) {
      Atomics.sub(this.control, CONTROL_HIT_FILES, 1);
      Atomics.sub(this.control, CONTROL_HIT_NAME_BYTES, lengthBytes);
      return false;
    }
    this.names.write(path, offset, "latin1");
    this.table.words[hitNameOffsetWord(slot)] = offset;
    this.table.words[hitNameLengthWord(slot)] = lengthBytes;
    // Last: the main thread reads the name as soon as it sees the entry.
    Atomics.store(this.journal, entry, slot);
    return true;
  }
}
