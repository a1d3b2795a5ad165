// The connections of a run and which of them are free. A slot is a place for one connection; at most
// as many requests are on their way as there are slots. Used by load-run.ts.

import type { ClientConnection } from "./client-connection.ts";

export interface ConnectionSlot {
  /** Counts in the sources of the plan; 0 where the system chooses the address. */
  readonly sourceIndex: number;
  readonly connection: ClientConnection;
}

export interface SlotOptions {
  readonly slotCount: number;
  /** 1 where the system chooses the address. */
  readonly sourceCount: number;
  /** Without it every submission gets a connection of its own. */
  readonly keepAlive: boolean;
  readonly connect: (sourceIndex: number) => ClientConnection;
}

export class ConnectionSlots {
  readonly #options: SlotOptions;
  readonly #free: ConnectionSlot[] = [];
  readonly #busy = new Set<ConnectionSlot>();

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /**
   * A slot for submission number `submissionIndex`, or undefined when none is free. Sources take
   * turns: by submission, or with kept connections by connection.
   */
  take(submissionIndex: number): ConnectionSlot | undefined {
    const slot = this.#takeKept() ?? this.#openNew(submissionIndex);
    if (slot !== undefined) this.#busy.add(slot);
    return slot;
  }

  give(slot: ConnectionSlot): void {
    this.#busy.delete(slot);
    if (this.#options.keepAlive) this.#free.push(slot);
  }

  get busyCount(): number {
    return this.#busy.size;
  }

  /** Closes all; requests on their way settle as abandoned. */
  close(): void {
    for (const { connection } of [...this.#busy, ...this.#free]) connection.close();
  }

  #takeKept(): ConnectionSlot | undefined {
    const { sourceCount, slotCount } = this.#options;
    const isOpenAllowed = this.#free.length + this.#busy.size < slotCount;
    // With several sources the one that has waited longest is next, and none is left out before
    // its first turn. With one, the last used: fewer connections are opened, and kept from idling.
    if (sourceCount === 1) return this.#free.pop();
    return isOpenAllowed ? undefined : this.#free.shift();
  }

  #openNew(submissionIndex: number): ConnectionSlot | undefined {
    const { slotCount, sourceCount, keepAlive, connect } = this.#options;
    const openedCount = this.#free.length + this.#busy.size;
    if (openedCount >= slotCount) return undefined;
    const sourceIndex = (keepAlive ? openedCount : submissionIndex) % sourceCount;
    return { sourceIndex, connection: connect(sourceIndex) };
  }
}
