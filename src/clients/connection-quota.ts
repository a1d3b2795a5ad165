// How many connections one client may hold open at once, over all threads: a client that opens them
// without end would otherwise take every descriptor. Counted in shared memory, one word a thread, so
// that what a dead thread held can be taken off. Each server thread has its own ConnectionQuota.

import { quotaWord, type SharedMemory } from "../memory/memory-layout.ts";
import { type KeyHash, SharedTable, SLOTS_PER_SET } from "../memory/shared-table.ts";

export class ConnectionQuota {
  readonly #table: SharedTable;
  readonly #threadCount: number;
  readonly #connectionsMax: number;
  readonly #threadIndex: number;

  /** @param threadIndex 1 and up for server threads; the main thread (0) only calls forgetThread */
  constructor(memory: SharedMemory, connectionsMax: number, threadIndex: number) {
    this.#table = new SharedTable(memory.quotaTable, memory.quotaShape, threadIndex);
    // Rounded up to even: the word behind those of an odd number of threads is always 0.
    this.#threadCount = memory.quotaShape.payloadWords;
    this.#connectionsMax = connectionsMax;
    this.#threadIndex = threadIndex;
  }

  /** One connection more; false when the client has as many as it may. */
  take(client: KeyHash): boolean {
    const table = this.#table;
    const setIndex = table.setIndexOf(client);
    table.lock(setIndex);
    const slot = this.#slotOf(client, setIndex);
    const hasRoom = slot !== undefined && this.#openIn(slot) < this.#connectionsMax;
    if (hasRoom) this.#add(slot, this.#threadIndex, 1);
    table.unlock(setIndex);
    return hasRoom;
  }

  /** A connection that was taken has closed. */
  giveBack(client: KeyHash): void {
    const table = this.#table;
    const setIndex = table.setIndexOf(client);
    table.lock(setIndex);
    const slot = this.#slotOf(client, setIndex);
    if (slot !== undefined) this.#add(slot, this.#threadIndex, -1);
    table.unlock(setIndex);
  }

  /** A thread has died and its connections with it. Called by the main thread only. */
  forgetThread(threadIndex: number): void {
    const table = this.#table;
    table.unlockAllOf(threadIndex);
    for (let setIndex = 0; setIndex < table.setCount; setIndex++) {
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const word = quotaWord(table.payloadWord(setIndex, way), threadIndex);
        // Written only where there is something: the table's untouched pages cost no memory.
        if (table.words[word] !== 0) table.words[word] = 0;
      }
    }
  }

  /** The client's slot: its own, or one whose client has no connection left. */
  #slotOf(client: KeyHash, setIndex: number): number | undefined {
    const table = this.#table;
    let free: number | undefined;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = table.payloadWord(setIndex, way);
      if (table.holds(slot, client)) return slot;
      if (free === undefined && (table.isEmpty(slot) || this.#openIn(slot) === 0)) free = slot;
    }
    if (free !== undefined) table.putKey(free, client);
    return free;
  }

  #openIn(slot: number): number {
    let open = 0;
    for (let threadIndex = 1; threadIndex <= this.#threadCount; threadIndex++)
      open += this.#table.words[quotaWord(slot, threadIndex)] as number;
    return open;
  }

  #add(slot: number, threadIndex: number, change: number): void {
    const word = quotaWord(slot, threadIndex);
    this.#table.words[word] = (this.#table.words[word] as number) + change;
  }
}
