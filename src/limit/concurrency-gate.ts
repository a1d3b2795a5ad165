// `--concurrency N`: at most N requests in progress at once over all threads; the rest wait, first
// come first served. A queue of tickets in shared memory.
//
// A request draws ticket t = drawn++. It may run as soon as t < done + N, where `done` counts the
// requests that have left: so requests start exactly in the order of their tickets. Whoever leaves
// makes one more ticket runnable, number done + N before it added one. The place of a ticket in
// the queue memory says what became of it:
//
//   0 (nobody) ──draw──> owner (waiting) ──grant──> GRANTED ──owner runs──> ... ──leave──> done + 1
//                            └──owner's thread died──> ABANDONED ──its turn──> done + 1
//
// Waiting -> GRANTED is a compare-exchange, so either the one who leaves or the one who draws does
// it, never both, and a thread that died is skipped exactly once.

import {
  CONTROL_RUNNING_BY_THREAD,
  CONTROL_TICKETS_DONE,
  CONTROL_TICKETS_DRAWN,
  CONTROL_TICKETS_SIGNAL,
  type SharedMemory,
  TICKETS_MAX,
} from "../shared-memory/memory-layout.ts";

const NOBODY = 0;
const GRANTED = -1;
const ABANDONED = -2;

export class ConcurrencyGate {
  private readonly control: Int32Array;
  private readonly tickets: Int32Array;
  private readonly concurrency: number;
  private readonly threadIndex: number;
  /** This thread's waiting requests, in the order of their tickets. */
  private readonly waiting: { ticket: number; start: () => void }[] = [];
  private isWatching = false;

  /** @param threadIndex 1 and up for server threads; the main thread (0) only calls abandonAllOf. */
  constructor(memory: SharedMemory, concurrency: number, threadIndex: number) {
    this.control = new Int32Array(memory.control);
    this.tickets = new Int32Array(memory.tickets);
    this.concurrency = concurrency;
    this.threadIndex = threadIndex;
  }

  /** Resolves when the request may run; then `leave` is owed. At once, without a promise, if it may now. */
  enter(): undefined | Promise<void> {
    const ticket = Atomics.add(this.control, CONTROL_TICKETS_DRAWN, 1);
    // The owner is written before `done` is read, and whoever leaves adds to `done` before it reads
    // the owner: one of the two sees the other. Swapped, a ticket could be missed by both.
    Atomics.store(this.tickets, placeOf(ticket), this.threadIndex);
    if (this.isDue(ticket)) this.grant(placeOf(ticket), this.threadIndex);
    if (this.waiting.length === 0 && this.takeIfGranted(ticket)) return undefined;
    return new Promise((resolve) => {
      this.waiting.push({ ticket, start: resolve });
      this.watch();
    });
  }

  /** A request that entered is over. */
  leave(): void {
    Atomics.sub(this.control, CONTROL_RUNNING_BY_THREAD + this.threadIndex, 1);
    this.passOn();
  }

  /** Gives back what a thread held when it died. Called by the main thread only. */
  abandonAllOf(threadIndex: number): void {
    const drawn = Atomics.load(this.control, CONTROL_TICKETS_DRAWN);
    let ticket = Atomics.load(this.control, CONTROL_TICKETS_DONE);
    for (; ((drawn - ticket) | 0) > 0; ticket = (ticket + 1) | 0) {
      const place = placeOf(ticket);
      if (this.exchange(place, threadIndex, ABANDONED) && this.isDue(ticket)) {
        // Its turn has come and gone: whoever takes the mark away passes the place on.
        if (this.exchange(place, ABANDONED, NOBODY)) this.passOn();
      }
    }
    const running = Atomics.exchange(this.control, CONTROL_RUNNING_BY_THREAD + threadIndex, 0);
    for (let count = 0; count < running; count++) this.passOn();
  }

  private passOn(): void {
    while (this.passOnce() === "abandoned");
    this.startGranted();
    Atomics.add(this.control, CONTROL_TICKETS_SIGNAL, 1);
    Atomics.notify(this.control, CONTROL_TICKETS_SIGNAL);
  }

  /** One request more is done: grants the ticket that may run now, if its owner waits already. */
  private passOnce(): "passed" | "abandoned" {
    const ticket = (Atomics.add(this.control, CONTROL_TICKETS_DONE, 1) + this.concurrency) | 0;
    const place = placeOf(ticket);
    for (;;) {
      const owner = Atomics.load(this.tickets, place);
      if (owner === ABANDONED && this.exchange(place, ABANDONED, NOBODY)) return "abandoned";
      // Nobody yet, or granted by its owner, who saw the new `done`.
      if (owner === NOBODY || owner === GRANTED) return "passed";
      if (owner > NOBODY && this.grant(place, owner)) return "passed";
    }
  }

  private isDue(ticket: number): boolean {
    const done = Atomics.load(this.control, CONTROL_TICKETS_DONE);
    return ((ticket - done) | 0) < this.concurrency;
  }

  private grant(place: number, owner: number): boolean {
    // Counted before it is granted: were this thread to die in between, one place too many would
    // be given back for a dead owner; the other way round a place would be lost for ever.
    Atomics.add(this.control, CONTROL_RUNNING_BY_THREAD + owner, 1);
    if (this.exchange(place, owner, GRANTED)) return true;
    Atomics.sub(this.control, CONTROL_RUNNING_BY_THREAD + owner, 1);
    return false;
  }

  private takeIfGranted(ticket: number): boolean {
    return this.exchange(placeOf(ticket), GRANTED, NOBODY);
  }

  private exchange(place: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.tickets, place, from, to) === from;
  }

  private startGranted(): void {
    for (;;) {
      const first = this.waiting[0];
      if (first === undefined || !this.takeIfGranted(first.ticket)) return;
      this.waiting.shift();
      first.start();
    }
  }

  /** Sleeps until another thread passes a place on, as long as requests of this thread wait. */
  private watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    const seen = Atomics.load(this.control, CONTROL_TICKETS_SIGNAL);
    // Looked at between reading the signal and sleeping on it: a grant in between wakes us at once.
    this.startGranted();
    const wake = () => {
      this.isWatching = false;
      if (this.waiting.length > 0) this.watch();
    };
    if (this.waiting.length === 0) {
      this.isWatching = false;
      return;
    }
    const sleep = Atomics.waitAsync(this.control, CONTROL_TICKETS_SIGNAL, seen);
    if (sleep.async) sleep.value.then(wake);
    else queueMicrotask(wake);
  }
}

function placeOf(ticket: number): number {
  return ticket & (TICKETS_MAX - 1);
}
