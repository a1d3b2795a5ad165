// Decides whether a client's request may pass: the exact sliding window (sliding-window.ts) over one
// table in shared memory, so that all threads together admit what one would. Each server thread has
// its own SharedLimiter over the same memory. It knows neither sockets nor the request.

import type { KeyHash } from "../shared-memory/key-hash.ts";
import {
  CONTROL_LIMITER_CLIENTS,
  clientSeenIndex,
  type SharedMemory,
} from "../shared-memory/memory-layout.ts";
import { SharedTable, SLOTS_PER_SET } from "../shared-memory/shared-table.ts";
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
} from "./sliding-window.ts";

/** Where a limit is kept. A limiter on another machine answers with a promise. */
export interface Limiter {
  /** Asks for one admission of `client` at `nowMs`, on the clock that all threads share. */
  admit(client: KeyHash, nowMs: number): Admission | Promise<Admission>;
}

/** It is not known whether the request may pass: it is answered with 503, and may come again. */
export const LIMIT_UNKNOWN: Admission = Object.freeze({
  kind: "unknown",
  remaining: 0,
  waitMs: 1000,
});

export class SharedLimiter implements Limiter {
  private readonly table: SharedTable;
  private readonly control: Int32Array;
  private readonly shape: WindowShape;

  constructor(memory: SharedMemory, shape: WindowShape, threadIndex: number) {
    this.table = new SharedTable(memory.limiterTable, memory.limiterShape, threadIndex);
    this.control = new Int32Array(memory.control);
    this.shape = shape;
  }

  /** Clients that the table holds, those among them whose window is over, and its slots. */
  get occupancy(): { readonly slots: number; readonly slotsUsed: number } {
    const slotsUsed = Atomics.load(this.control, CONTROL_LIMITER_CLIENTS);
    return { slots: this.table.setCount * SLOTS_PER_SET, slotsUsed };
  }

  admit(client: KeyHash, nowMs: number): Admission {
    const { table } = this;
    const setIndex = table.setIndexOf(client);
    table.lock(setIndex);
    // From here to unlock nothing may throw or wait: every thread with a client in this set waits.
    const slot = this.slotOf(client, setIndex, nowMs);
    const admission = slot === undefined ? this.refuseNewcomer() : this.admitInSlot(slot, nowMs);
    table.unlock(setIndex);
    return admission;
  }

  /** The content of a client's window, without asking for anything; undefined for a stranger. */
  readWindow(client: KeyHash, nowMs: number): WindowContent | undefined {
    const { table, shape } = this;
    const setIndex = table.setIndexOf(client);
    table.lock(setIndex);
    const slot = this.knownSlotOf(client, setIndex);
    const content = slot === undefined ? undefined : readWindow(table, slot, shape, nowMs);
    table.unlock(setIndex);
    return content;
  }

  /** How long the client would have to wait, without asking for anything; 0: it would be admitted. */
  waitOf(client: KeyHash, nowMs: number): number {
    const { table, shape } = this;
    const setIndex = table.setIndexOf(client);
    table.lock(setIndex);
    const slot = this.knownSlotOf(client, setIndex);
    const waitMs = slot === undefined ? 0 : waitInWindow(table, slot, shape, nowMs);
    table.unlock(setIndex);
    return waitMs;
  }

  private knownSlotOf(client: KeyHash, setIndex: number): number | undefined {
    const { table } = this;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = table.payloadWord(setIndex, way);
      if (table.holds(slot, client)) return slot;
    }
    return undefined;
  }

  private admitInSlot(slot: number, nowMs: number): Admission {
    this.table.floats[clientSeenIndex(slot)] = nowMs;
    return admitInWindow(this.table, slot, this.shape, nowMs);
  }

  /** All eight clients of the set are at their limit, and none of them may be forgotten. */
  private refuseNewcomer(): Admission {
    return { kind: "refused", remaining: 0, waitMs: this.shape.windowMs };
  }

  /** The client's slot: the one it has, an empty one, or the idlest other client's. */
  private slotOf(client: KeyHash, setIndex: number, nowMs: number): number | undefined {
    const { table } = this;
    let victim: number | undefined;
    let victimRank = Number.POSITIVE_INFINITY;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = table.payloadWord(setIndex, way);
      if (table.holds(slot, client)) return slot;
      if (table.isEmpty(slot)) {
        // Slots of a set fill in order and never empty again: behind this one there are no keys.
        victim = slot;
        Atomics.add(this.control, CONTROL_LIMITER_CLIENTS, 1);
        break;
      }
      const rank = this.forgetRank(slot, nowMs);
      if (rank < victimRank) {
        victim = slot;
        victimRank = rank;
      }
    }
    if (victim === undefined) return undefined;
    resetWindow(table, victim, this.shape);
    table.putKey(victim, client);
    return victim;
  }

  /**
   * The order in which clients are forgotten when a set is full, lowest first: clients whose window is
   * over, the longest unseen before the others; then clients with something left in their window. A
   * client at its limit is never forgotten.
   */
  private forgetRank(slot: number, nowMs: number): number {
    const { table, shape } = this;
    const seenMs = table.floats[clientSeenIndex(slot)] as number;
    if (isWindowIdle(table, slot, shape, nowMs)) return seenMs - nowMs;
    if (isWindowFull(table, slot, shape, nowMs)) return Number.POSITIVE_INFINITY;
    return seenMs;
  }
}
