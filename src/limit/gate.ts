// `--concurrency N`: at most N requests are in progress at once over all threads. The others wait, first
// come, first served, in a queue of tickets in shared memory under one lock.
//
//   enter: a ticket is drawn, and its thread written in the queue   drawn + 1
//   grant: the first of the queue may run, while fewer than N do    granted to its thread + 1
//   leave: a request is over                                        left by its thread + 1
//
// Nothing else is stored. The rest follows from the sums over all threads:
//
//   first of the queue = granted + skipped        in progress = granted - left
//
// So each step is one write to one word, and a thread may die between any two of them: what it did is
// complete, and the main thread gives back the rest (abandonAllOf). A thread's tickets are granted in the
// order in which it drew them, so it only needs to know how many were granted.

import {
  CONTROL_GATE_LOCK,
  CONTROL_TICKETS_DRAWN,
  CONTROL_TICKETS_SKIPPED,
  grantedWord,
  leftWord,
  type SharedMemory,
  THREADS_MAX,
  TICKETS_MAX,
} from "../memory/memory-layout.ts";
import { freeLock, freeLockOf, takeLock } from "../memory/shared-table.ts";

/** Replaces a dead thread in the queue. */
const ABANDONED = -1;

export class ConcurrencyGate {
  readonly #control: Int32Array;
  readonly #tickets: Int32Array;
  readonly #concurrency: number;
  readonly #threadIndex: number;
  readonly #grantedWord: number;
  /** How many of the grants to this thread it has used, modulo 2^32. */
  #usedGrants: number;
  /** This thread's waiting requests, in the order of their tickets. */
  readonly #waiting: (() => void)[] = [];
  #isWatching = false;

  /** @param threadIndex 1 and up for server threads; the main thread (0) only calls abandonAllOf. */
  constructor(memory: SharedMemory, concurrency: number, threadIndex: number) {
    this.#control = new Int32Array(memory.control);
    this.#tickets = new Int32Array(memory.tickets);
    this.#concurrency = concurrency;
    this.#threadIndex = threadIndex;
    this.#grantedWord = grantedWord(threadIndex);
    // The grants until now belong to a predecessor of the same index, which has died.
    this.#usedGrants = Atomics.load(this.#control, this.#grantedWord);
  }

  /** Resolves when the request may run; returns undefined if it may at once. Then `leave` has to follow. */
  enter(): undefined | Promise<void> {
    this.#lock();
    const ticket = this.#read(CONTROL_TICKETS_DRAWN);
    // The thread comes first, because every drawn ticket must have one.
    this.#tickets[placeOf(ticket)] = this.#threadIndex;
    this.#increment(CONTROL_TICKETS_DRAWN);
    this.#grantDue();
    freeLock(this.#control, CONTROL_GATE_LOCK);
    if (this.#waiting.length === 0 && this.#useGrant()) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#watch();
    });
  }

  /** A request that has entered is over. */
  leave(): void {
    this.#lock();
    this.#increment(leftWord(this.#threadIndex));
    this.#grantDue();
    freeLock(this.#control, CONTROL_GATE_LOCK);
    this.#startGranted();
  }

  /** Gives back what a thread held when it died. Only the main thread calls it. */
  abandonAllOf(threadIndex: number): void {
    freeLockOf(this.#control, CONTROL_GATE_LOCK, threadIndex);
    this.#lock();
    const drawn = this.#read(CONTROL_TICKETS_DRAWN);
    let ticket = this.#firstTicket(this.#sumOf(grantedWord));
    for (; ticket !== drawn; ticket = (ticket + 1) | 0) {
      const place = placeOf(ticket);
      if (this.#tickets[place] === threadIndex) this.#tickets[place] = ABANDONED;
    }
    const itsGrants = this.#read(grantedWord(threadIndex));
    Atomics.store(this.#control, leftWord(threadIndex), itsGrants);
    this.#grantDue();
    freeLock(this.#control, CONTROL_GATE_LOCK);
    // The thread may have died after a grant and before it woke the other thread.
    for (let index = 1; index <= THREADS_MAX; index++) this.#wake(index);
  }

  #lock(): void {
    takeLock(this.#control, CONTROL_GATE_LOCK, this.#threadIndex);
  }

  /** Grants as many of the first tickets in the queue as may run now. Under the lock. */
  #grantDue(): void {
    const drawn = this.#read(CONTROL_TICKETS_DRAWN);
    const granted = this.#sumOf(grantedWord);
    let running = (granted - this.#sumOf(leftWord)) | 0;
    for (let ticket = this.#firstTicket(granted); ticket !== drawn; ticket = (ticket + 1) | 0) {
      const owner = this.#tickets[placeOf(ticket)] as number;
      if (owner === ABANDONED) {
        this.#increment(CONTROL_TICKETS_SKIPPED);
        continue;
      }
      if (running >= this.#concurrency) return;
      running++;
      this.#increment(grantedWord(owner));
      if (owner !== this.#threadIndex) this.#wake(owner);
    }
  }

  #firstTicket(granted: number): number {
    return (granted + this.#read(CONTROL_TICKETS_SKIPPED)) | 0;
  }

  /** The sum of a count over all threads, modulo 2^32. */
  #sumOf(wordOf: (threadIndex: number) => number): number {
    let sum = 0;
    for (let index = 1; index <= THREADS_MAX; index++) sum += this.#read(wordOf(index));
    return sum | 0;
  }

  #read(word: number): number {
    return this.#control[word] as number;
  }

  #increment(word: number): void {
    // Atomic in spite of the lock, because a grant is read without it.
    Atomics.add(this.#control, word, 1);
  }

  #wake(threadIndex: number): void {
    Atomics.notify(this.#control, grantedWord(threadIndex));
  }

  #useGrant(): boolean {
    if (Atomics.load(this.#control, this.#grantedWord) === this.#usedGrants) return false;
    this.#usedGrants = (this.#usedGrants + 1) | 0;
    return true;
  }

  #startGranted(): void {
    while (this.#waiting.length > 0 && this.#useGrant()) this.#waiting.shift()?.();
  }

  /** While requests of this thread wait, sleeps until it is granted something. */
  #watch(): void {
    const seen = Atomics.load(this.#control, this.#grantedWord);
    // After the count was read: a grant that comes between this and the sleep ends the sleep at once.
    this.#startGranted();
    if (this.#isWatching || this.#waiting.length === 0) return;
    this.#isWatching = true;
    const look = () => {
      this.#isWatching = false;
      this.#watch();
    };
    const sleep = Atomics.waitAsync(this.#control, this.#grantedWord, seen);
    if (sleep.async) sleep.value.then(look);
    else queueMicrotask(look);
  }
}

/** The place of a ticket in the queue's memory. */
function placeOf(ticket: number): number {
  return ticket & (TICKETS_MAX - 1);
}
