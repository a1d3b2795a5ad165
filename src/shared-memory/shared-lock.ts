// A lock in shared memory that knows its holder, so that a dead thread's can be freed. Held for less
// than a microsecond each time; a thread that waits for it spins, and sleeps only when the holder was put
// off the processor. Used by shared-table.ts and limit/concurrency-gate.ts.

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
