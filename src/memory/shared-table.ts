// A hash table in shared memory that many threads use at once. The hit counter, the limiter and the quota
// of connections each have one. Slots lie in sets of eight, and each set has one lock word. A thread that
// holds the lock of a set may look for a key, add one or replace one. Everything that no other thread may
// see half done happens under that lock, which is held for less than a microsecond. The lock word names
// its holder, so that the lock of a dead thread can be freed. limit/gate.ts uses the same kind of lock.
//
// A key of any length (a file's path, a client's address) becomes the 128 bits that the table compares.
// The secret is drawn at the start, so no client can choose keys that fall into one set.

import { hash } from "node:crypto";
import { assert } from "../base/assert.ts";

export const SLOTS_PER_SET = 8;
const KEY_WORDS = 4;
/** The first word of a slot without a key (hashKey never makes a key that begins with it). */
const EMPTY = 0;
/** A lock word that no thread holds; otherwise it is the index of the holder + 1. */
const FREE = 0;
const MAIN_THREAD_INDEX = 0;

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
  /** The whole table, as words, and below as Float64 and as Int64. */
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly longs: BigInt64Array;
  readonly setCount: number;
  readonly #slotWords: number;
  readonly #firstSlotWord: number;
  readonly #threadIndex: number;

  /** @param threadIndex the thread that takes the locks: 0 is the main thread, 1 and up are server threads */
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

  /**
   * Waits for the lock of a set, takes it and returns the set: the one to which `key` belongs, or the one
   * `step` sets behind that. Every call is followed by an `unlock`.
   */
  lockSetOf(key: KeyHash, step = 0): number {
    const setIndex = this.setIndexOf(key, step);
    const holder = Atomics.compareExchange(this.words, setIndex, FREE, this.#threadIndex + 1);
    // The lock is nearly always free.
    if (holder !== FREE) takeLock(this.words, setIndex, this.#threadIndex);
    return setIndex;
  }

  /** The set to which `key` belongs, or the one `step` sets behind that. */
  setIndexOf(key: KeyHash, step = 0): number {
    return ((key[3] as number) + step) & (this.setCount - 1);
  }

  unlock(setIndex: number): void {
    Atomics.store(this.words, setIndex, FREE);
  }

  /** Frees the locks that a thread held when it died. Only the main thread calls it. */
  unlockAllOf(threadIndex: number): void {
    for (let setIndex = 0; setIndex < this.setCount; setIndex++) {
      freeLockOf(this.words, setIndex, threadIndex);
    }
  }

  /**
   * The slot of a set that holds `key`. Call it under the lock, or without it where keys never leave the
   * table.
   */
  find(setIndex: number, key: KeyHash): number | undefined {
    const { words } = this;
    const slotWords = this.#slotWords;
    let slot = this.#firstSlotWord + setIndex * SLOTS_PER_SET * slotWords + KEY_WORDS;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      // Atomic for readers without the lock: a thread that sees the first word sees the others (putKey).
      const firstWord = Atomics.load(words, slot - 4);
      if (
        firstWord === key[0] &&
        words[slot - 3] === key[1] &&
        words[slot - 2] === key[2] &&
        words[slot - 1] === key[3]
      ) {
        return slot;
      }
      // The slots of a set are filled in order, so there are no keys behind an empty one.
      if (firstWord === EMPTY) return undefined;
      slot += slotWords;
    }
    return undefined;
  }

  /** The first empty slot of a set; undefined when the set is full. */
  findEmpty(setIndex: number): number | undefined {
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = this.slotAt(setIndex, way);
      if (this.isEmpty(slot)) return slot;
    }
    return undefined;
  }

  /** Slot number `way` (0 to 7) of a set, as the index of its first payload word. */
  slotAt(setIndex: number, way: number): number {
    const slotIndex = setIndex * SLOTS_PER_SET + way;
    return this.#firstSlotWord + slotIndex * this.#slotWords + KEY_WORDS;
  }

  /** The number of a slot in the whole table. */
  slotIndexOf(slot: number): number {
    return (slot - KEY_WORDS - this.#firstSlotWord) / this.#slotWords;
  }

  isEmpty(slot: number): boolean {
    return Atomics.load(this.words, slot - KEY_WORDS) === EMPTY;
  }

  /**
   * Puts a key into the first empty slot of its set, or in place of another key. Call it under the lock,
   * when the payload is filled. The first word is written last: a reader without the lock must not take a
   * half-written key for a whole one.
   */
  putKey(slot: number, key: KeyHash): void {
    this.words[slot - 1] = key[3] as number;
    this.words[slot - 2] = key[2] as number;
    this.words[slot - 3] = key[1] as number;
    Atomics.store(this.words, slot - 4, key[0] as number);
  }
}

/** Four words of a keyed hash. Two different keys share all four with a probability of 2^-128. */
export type KeyHash = Int32Array;

/** The hash of `key` under `secret`: the first 128 bits of SHA-256. */
export function hashKey(secret: Uint8Array, key: string): KeyHash {
  const keyBytes = Buffer.byteLength(key, "latin1");
  const input = Buffer.allocUnsafe(secret.length + keyBytes);
  input.set(secret);
  input.write(key, secret.length, "latin1");
  const digest = hash("sha256", input, "buffer");
  const words = new Int32Array(4);
  for (let word = 0; word < 4; word++) words[word] = digest.readInt32LE(word * 4);
  if (words[0] === EMPTY) words[0] = 1;
  return words;
}

/** A waiting thread tries so often before it sleeps, which takes several times as long as any thread holds a lock. */
const SPINS_MAX = 200;
const SLEEP_MS = 1;
/** The main thread gives up after so many sleeps, about two seconds. */
const MAIN_SLEEPS_MAX = 2000;

/**
 * Waits for the lock in `words[wordIndex]` and takes it. Every `takeLock` is followed by a `freeLock`.
 * @throws Error only on the main thread, when it has waited far longer than any thread holds a lock: the
 *   holder has died, and its locks are freed as soon as the main thread learns of the death.
 */
export function takeLock(words: Int32Array, wordIndex: number, threadIndex: number): void {
  for (let spins = 0; ; spins++) {
    const holder = Atomics.compareExchange(words, wordIndex, FREE, threadIndex + 1);
    if (holder === FREE) return;
    if (spins < SPINS_MAX) continue;
    if (threadIndex === MAIN_THREAD_INDEX && spins >= SPINS_MAX + MAIN_SLEEPS_MAX) {
      throw new Error("a server thread died holding a lock");
    }
    // Nothing wakes this thread, so the sleep is bounded.
    Atomics.wait(words, wordIndex, holder, SLEEP_MS);
  }
}

export function freeLock(words: Int32Array, wordIndex: number): void {
  Atomics.store(words, wordIndex, FREE);
}

/** Frees the lock if that thread, which has died, holds it. */
export function freeLockOf(words: Int32Array, wordIndex: number, threadIndex: number): void {
  Atomics.compareExchange(words, wordIndex, threadIndex + 1, FREE);
}
