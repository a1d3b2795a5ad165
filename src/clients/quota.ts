// How many connections one client may hold open at once, over all threads: a client that opens more and
// more of them would otherwise take every descriptor. They are counted in shared memory, in one word for
// each thread, so that those of a dead thread can be taken off. Each server thread has its own
// ConnectionQuota.

import { quotaWord, type SharedMemory } from "../memory/memory-layout.ts";
import { type KeyHash, SharedTable, SLOTS_PER_SET } from "../memory/shared-table.ts";

export class ConnectionQuota {
  readonly #table: SharedTable;
  readonly #threadCount: number;
  readonly #connectionsMax: number;
  readonly #threadIndex: number;

  /** @param threadIndex 1 and up for server threads; the main thread (0) calls only forgetThread */
  constructor(memory: SharedMemory, connectionsMax: number, threadIndex: number) {
    this.#table = new SharedTable(memory.quotaTable, memory.quotaShape, threadIndex);
    // The layout rounds up to an even number. The word of a thread that does not exist is always 0.
    this.#threadCount = memory.quotaShape.payloadWords;
    this.#connectionsMax = connectionsMax;
    this.#threadIndex = threadIndex;
  }

  /** Counts one more connection; false when the client has as many as it may. */
  take(client: KeyHash): boolean {
    const table = this.#table;
    const setIndex = table.lockSetOf(client);
    const slot = table.find(setIndex, client) ?? this.#makeRoom(setIndex, client);
    const hasRoom = slot !== undefined && this.#openIn(slot) < this.#connectionsMax;
    if (hasRoom) table.words[quotaWord(slot, this.#threadIndex)]!++;
    table.unlock(setIndex);
    return hasRoom;
  }

  /** A connection for which `take` was true has closed. */
  giveBack(client: KeyHash): void {
    const table = this.#table;
    const setIndex = table.lockSetOf(client);
    const slot = table.find(setIndex, client);
    if (slot !== undefined) table.words[quotaWord(slot, this.#threadIndex)]!--;
    table.unlock(setIndex);
  }

  /** A thread has died, and its connections with it. Only the main thread calls it. */
  forgetThread(threadIndex: number): void {
    const table = this.#table;
    table.unlockAllOf(threadIndex);
    for (let setIndex = 0; setIndex < table.setCount; setIndex++) {
      for (let way = 0; way < SLOTS_PER_SET; way++) {
        const word = quotaWord(table.slotAt(setIndex, way), threadIndex);
        // Written only where there is something: the table's untouched pages cost no memory.
        if (table.words[word] !== 0) table.words[word] = 0;
      }
    }
  }

  /** A slot for a client that has none: the first one that is empty or whose client has no connection left. */
  #makeRoom(setIndex: number, client: KeyHash): number | undefined {
    const table = this.#table;
    for (let way = 0; way < SLOTS_PER_SET; way++) {
      const slot = table.slotAt(setIndex, way);
      if (this.#openIn(slot) > 0) continue;
      table.putKey(slot, client);
      return slot;
    }
    return undefined;
  }

  #openIn(slot: number): number {
    let open = 0;
    for (let threadIndex = 1; threadIndex <= this.#threadCount; threadIndex++)
      open += this.#table.words[quotaWord(slot, threadIndex)] as number;
    return open;
  }
}
