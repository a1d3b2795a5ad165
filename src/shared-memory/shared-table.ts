// A hash table in shared memory that many threads use at once: the one table under both the hit
// counter and the limiter. Slots stand in sets of eight; each set has one lock word. A thread that
// holds the lock of a set may look for a key, put one in, or replace one; everything it must not
// see half done happens under that lock, which is held for less than a microsecond.
//
// In memory: one lock word for each set, then the slots. A slot is four words of key (KeyHash; first
// word 0 = empty) and `payloadWords` words that belong to the table's owner (memory-layout.ts).

import { assert } from "../base/assert.ts";
import type { KeyHash } from "./key-hash.ts";
import { freeLock, freeLockOf, takeLock } from "./shared-lock.ts";

export const SLOTS_PER_SET = 8;
const KEY_WORDS = 4;

export interface TableShape {
  /** A power of two, at least SLOTS_PER_SET. */
  readonly slotCount: number;
  /** Even, so that 64-bit fields of every slot lie on their boundary. */
  readonly payloadWords: number;
}

/** Bytes of memory for a table of that shape. */
export function tableBytes(shape: TableShape): number {
  return (lockWords(shape) + shape.slotCount * (KEY_WORDS + shape.payloadWords)) * 4;
}

function lockWords(shape: TableShape): number {
  // Rounded up to even: the slots behind the locks hold 64-bit fields.
  return Math.ceil(shape.slotCount / SLOTS_PER_SET / 2) * 2;
}

export class SharedTable {
  /** The table's words; Float64 and Int64 views of the same memory lie over them. */
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly longs: BigInt64Array;
  readonly setCount: number;
  private readonly slotWords: number;
  private readonly firstSlotWord: number;
  private readonly threadIndex: number;

  /** @param threadIndex the thread that takes the locks: 0 for the main thread, 1 and up for server threads. */
  constructor(memory: SharedArrayBuffer, shape: TableShape, threadIndex: number) {
    assert(memory.byteLength === tableBytes(shape), "table memory and shape agree");
    assert(shape.payloadWords % 2 === 0, "payload words are even");
    this.setCount = shape.slotCount / SLOTS_PER_SET;
    assert(Number.isInteger(Math.log2(this.setCount)), "the number of sets is a power of two");
    this.words = new Int32Array(memory);
    this.floats = new Float64Array(memory);
    this.longs = new BigInt64Array(memory);
    this.slotWords = KEY_WORDS + shape.payloadWords;
    this.firstSlotWord = lockWords(shape);
    this.threadIndex = threadIndex;
  }

  /** The set in which a key belongs. */
  setIndexOf(key: KeyHash): number {
    return (key[3] as number) & (this.setCount - 1);
  }

  /** Waits for the lock of a set and takes it. Every `lock` is followed by an `unlock`. */
  lock(setIndex: number): void {
    takeLock(this.words, setIndex, this.threadIndex);
  }

  unlock(setIndex: number): void {
    freeLock(this.words, setIndex);
  }

  /** Frees the locks that a thread held when it died. Called by the main thread only. */
  unlockAllOf(threadIndex: number): void {
    for (let setIndex = 0; setIndex < this.setCount; setIndex++) {
      freeLockOf(this.words, setIndex, threadIndex);
    }
  }

  /** First payload word of slot number `way` (0 to 7) of a set. */
  payloadWord(setIndex: number, way: number): number {
    const slotIndex = setIndex * SLOTS_PER_SET + way;
    return this.firstSlotWord + slotIndex * this.slotWords + KEY_WORDS;
  }

  /** The number of a slot in the table, from its first payload word: the reverse of `payloadWord`. */
  slotIndexOf(payloadWord: number): number {
    return (payloadWord - KEY_WORDS - this.firstSlotWord) / this.slotWords;
  }

  /** Whether the slot with that payload holds that key. Under the lock, or where keys never leave. */
  holds(payloadWord: number, key: KeyHash): boolean {
    const words = this.words;
    return (
      words[payloadWord - 4] === key[0] &&
      words[payloadWord - 3] === key[1] &&
      words[payloadWord - 2] === key[2] &&
      words[payloadWord - 1] === key[3]
    );
  }

  isEmpty(payloadWord: number): boolean {
    // Atomic for readers without the lock: a thread that sees the first word sees the others (putKey).
    return Atomics.load(this.words, payloadWord - KEY_WORDS) === 0;
  }

  /**
   * Puts a key into a slot; the caller has filled the payload. Under the lock. The first word goes
   * in last: readers without the lock must not take a half-written key for a whole one.
   */
  putKey(payloadWord: number, key: KeyHash): void {
    this.words[payloadWord - 1] = key[3] as number;
    this.words[payloadWord - 2] = key[2] as number;
    this.words[payloadWord - 3] = key[1] as number;
    Atomics.store(this.words, payloadWord - 4, key[0] as number);
  }
}
