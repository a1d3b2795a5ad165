// Decides whether a client's request may pass: the exact sliding window (window.ts) of each client lies
// in one table in shared memory, so all threads together admit what one would. Each server thread has its
// own SharedLimiter over the same memory. It knows neither sockets nor the request.

import {
  CLIENT_SEEN_WORD,
  CONTROL_LIMITER_CLIENTS,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import { type KeyHash, SharedTable, SLOTS_PER_SET } from "../memory/shared-table.ts";
import {
  type Admission,
  admitInWindow,
  isWindowFull,
  isWindowIdle,
  readWindow,
  resetWindow,
  type WindowContent,
  type WindowShape,
  waitInWindow,
} from "./window.ts";

/** Decides over one limit. A limiter that asks another machine answers with a promise. */
export interface Limiter {
  /** Asks for one admission of `client` at `nowMs`, on the clock that all threads share. */
  admit(client: KeyHash, nowMs: number): Admission | Promise<Admission>;
}

/** The limiter cannot tell whether the request may pass. The answer is 503, and the client may try again. */
export const LIMIT_UNKNOWN: Admission = Object.freeze({
  kind: "unknown",
  remaining: 0,
  waitMs: 1000,
});

export class SharedLimiter implements Limiter {
  readonly #table: SharedTable;
  readonly #control: Int32Array;
  readonly #shape: WindowShape;

  constructor(memory: SharedMemory, shape: WindowShape, threadIndex: number) {
    this.#table = new SharedTable(memory.limiterTable, memory.limiterShape, threadIndex);
    this.#control = new Int32Array(memory.control);
    this.#shape = shape;
  }

  /** How many slots the table has, and how many of them hold a client, even if its window is over. */
  get occupancy(): { readonly slots: number; readonly slotsUsed: number } {
    const slotsUsed = Atomics.load(this.#control, CONTROL_LIMITER_CLIENTS);
    return { slots: this.#table.setCount * SLOTS_PER_SET, slotsUsed };
  }

  admit(client: KeyHash, nowMs: number): Admission {
    const table = this.#table;
    const setIndex = table.lockSetOf(client);
    // From here to unlock nothing may throw or wait: every thread with a client in this set waits.
    const slot = table.find(setIndex, client) ?? this.#makeRoom(setIndex, client, nowMs);
    let admission: Admission;
    if (slot === undefined) {
      // All eight clients of the set are at their limit, and none of them may be forgotten.
      admission = { kind: "refused", remaining: 0, waitMs: this.#shape.windowMs };
    } else {
      table.floats[(slot + CLIENT_SEEN_WORD) >> 1] = nowMs;
      admission = admitInWindow(table, slot, this.#shape, nowMs);
    }
    table.unlock(setIndex);
    return admission;
  }

  /** The content of a client's window, without a request; undefined for a client that is not known. */
  readWindow(client: KeyHash, nowMs: number): WindowContent | undefined {
    const table = this.#table;
    const setIndex = table.lockSetOf(client);
    const slot = table.find(setIndex, client);
    const content = slot === undefined ? undefined : readWindow(table, slot, this.#shape, nowMs);
    table.unlock(setIndex);
    return content;
  }

  /** How long a request of the client would have to wait; 0 when it would be admitted. Changes nothing. */
  waitOf(client: KeyHash, nowMs: number): number {
    const table = this.#table;
    const setIndex = table.lockSetOf(client);
    const slot = table.find(setIndex, client);
    const waitMs = slot === undefined ? 0 : waitInWindow(table, slot, this.#shape, nowMs);
    table.unlock(setIndex);
    return waitMs;
  }

  /**
   * A slot for a client that has none: an empty one, or that of the client that is forgotten first.
   * Undefined when no client of the set may be forgotten. Under the lock.
   */
  #makeRoom(setIndex: number, client: KeyHash, nowMs: number): number | undefined {
    const table = this.#table;
    let slot = table.findEmpty(setIndex);
    if (slot !== undefined) Atomics.add(this.#control, CONTROL_LIMITER_CLIENTS, 1);
    else slot = this.#findForgettable(setIndex, nowMs);
    if (slot === undefined) return undefined;
    resetWindow(table, slot, this.#shape);
    table.putKey(slot, client);
    return slot;
  }

  /**
   * Clients whose window is over are forgotten first, the longest unseen before the others; then clients
   * that have something left in their window. A client at its limit is never forgotten.
   */
  #findForgettable(setIndex: number, nowMs: number): number | undefined {
    const table = this.#table;
    const shape = this.#shape;
    let lowest: number | undefined;
    let lowestRank = Number.POSITIVE_INFINITY;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = table.slotAt(setIndex, way);
      let rank = table.floats[(slot + CLIENT_SEEN_WORD) >> 1] as number;
      // Below 0, and so before every client whose window is not over.
      if (isWindowIdle(table, slot, shape, nowMs)) rank -= nowMs;
      else if (isWindowFull(table, slot, shape, nowMs)) continue;
      if (rank >= lowestRank) continue;
      lowest = slot;
      lowestRank = rank;
    }
    return lowest;
  }
}
