// The shared memory of the counter race: one word to count in, two for the start. Made by
// counter-race.ts, used by its threads. The words lie in cache lines of their own, so that a thread
// that waits for the start does not slow down another that counts.

import { assert } from "../base/assert.ts";

export const COUNTER_WORD = 0;
/** Threads that are ready to start (Atomics.add). */
export const READY_WORD = 32;
/** 0 until all threads are ready, then 1; they sleep on it (Atomics.wait). */
export const START_WORD = 64;
const WORD_COUNT = 96;

/** All counts of a race fit into one word, so that none is lost but by the race. */
export const ADDITIONS_MAX = 2 ** 31 - 1;

export type CounterForm = "plain read and write" | "Atomics.add";

/** What a thread is started with. */
export interface CounterTask {
  readonly memory: SharedArrayBuffer;
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
}

export function createCounterMemory(additions: number): SharedArrayBuffer {
  assert(additions <= ADDITIONS_MAX, "the additions fit into one word");
  return new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT);
}
