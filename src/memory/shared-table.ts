// A hash table in shared memory that many threads use at once: the one table under the hit counter, the
// limiter and the quota of connections. Slots are in sets of eight; each set has one lock word. A thread
// that holds the lock of a set may look for a key, put one in, or replace one; everything it must not
// see half done happens under that lock, which is held for less than a microsecond. The lock knows its
// holder, so that a dead thread's can be freed; limit/gate.ts uses it too.
//
// A key of any length (a file's path, a client's address) becomes the 128 bits that the table compares.
// The secret is drawn at start, so nobody can choose keys that fall into one set.

import { hash } from "node:crypto";
import { assert } from "../base/assert.ts";

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
  readonly #slotWords: number;
  readonly #firstSlotWord: number;
  readonly #threadIndex: number;

  /** @param threadIndex the thread that takes the locks: 0 for the main thread, 1 and up for server threads. */
  constructor(memory: SharedArrayBuffer, shape: TableShape, threadIndex: number) {
    assert(memory.byteLength === tableBytes(shape), "table memory and shape agree");
    assert(shape.payloadWords % 2 === 0, "payload words are even");
    this.setCount = shape.slotCount / SLOTS_PER_SET;
    assert(Number.isInteger(Math.log2(this.setCount)), "the number of sets is a power of two");
    this.words = new Int32Array(memory);
    this.floats = new Float64Array(memory);
    this.longs = new BigInt64Array(memory);
    this.#slotWords = KEY_WORDS + shape.payloadWords;
    this.#firstSlotWord = lockWords(shape);
    this.#threadIndex = threadIndex;
  }

  /** The set in which a key belongs. */
  setIndexOf(key: KeyHash): number {
    return (key[3] as number) & (this.setCount - 1);
  }

  /** Waits for the lock of a set and takes it. Every `lock` is followed by an `unlock`. */
  lock(setIndex: number): void {
    takeLock(this.words, setIndex, this.#threadIndex);
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
    return this.#firstSlotWord + slotIndex * this.#slotWords + KEY_WORDS;
  }

  /** The number of a slot in the table, from its first payload word: the reverse of `payloadWord`. */
  slotIndexOf(payloadWord: number): number {
    return (payloadWord - KEY_WORDS - this.#firstSlotWord) / this.#slotWords;
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

/** Four words of a keyed hash. Two different keys share all four with a chance of 2^-128. */
export type KeyHash = Int32Array;

/** The hash of `key` under `secret`: SHA-256, of which the first 128 bits are kept. */
export function hashKey(secret: Uint8Array, key: string): KeyHash {
  const keyBytes = Buffer.byteLength(key, "latin1");
  const input = Buffer.allocUnsafe(secret.length + keyBytes);
  input.set(secret);
  input.write(key, secret.length, "latin1");
  const digest = hash("sha256", input, "buffer");
  const words = new Int32Array(4);
  for (let word = 0; word < 4; word++) words[word] = digest.readInt32LE(word * 4);
  // An all-zero first word marks an empty slot.
  if (words[0] === 0) words[0] = 1;
  return words;
}

/** Tries before a thread that waits sleeps: several times the longest hold. */
const SPINS_MAX = 200;
const SLEEP_MS = 1;
/** Sleeps after which the main thread gives up: about two seconds. */
const MAIN_SLEEPS_MAX = 2000;

const FREE = 0;
const MAIN_THREAD_INDEX = 0;

/**
 * Waits for the lock in `words[wordIndex]` and takes it. Every `takeLock` is followed by a `freeLock`.
 * @throws Error on the main thread only, when it has waited far longer than any thread holds a lock:
 *   the holder has died, and its locks are freed as soon as the main thread hears of the death.
 */
export function takeLock(words: Int32Array, wordIndex: number, threadIndex: number): void {
  for (let spins = 0; ; spins++) {
    const holder = Atomics.compareExchange(words, wordIndex, FREE, threadIndex + 1);
    if (holder === FREE) return;
    if (spins < SPINS_MAX) continue;
    if (threadIndex === MAIN_THREAD_INDEX && spins >= SPINS_MAX + MAIN_SLEEPS_MAX) {
      throw new Error("a server thread died holding a lock");
    }
    // No one wakes us, so the sleep is bounded.
    Atomics.wait(words, wordIndex, holder, SLEEP_MS);
  }
}

export function freeLock(words: Int32Array, wordIndex: number): void {
  Atomics.store(words, wordIndex, FREE);
}

/** Frees the lock if that thread, which is dead, holds it. */
export function freeLockOf(words: Int32Array, wordIndex: number, threadIndex: number): void {
  Atomics.compareExchange(words, wordIndex, threadIndex + 1, FREE);
}
