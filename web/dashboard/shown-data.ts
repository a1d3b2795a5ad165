// The data from the server, and the part of it that is shown. They are the same unless the page is paused:
// then the shown part stays as it is while new data is collected. No DOM. Filled and read by main.ts.

import type { History, Snapshot, SnapshotEvent } from "../../src/admin/snapshot.ts";
import { ColumnStore, type Columns } from "./column-store.ts";

export interface Shown {
  /** At most the last hour. */
  readonly columns: Columns;
  /** Undefined until the first one has come. */
  readonly snapshot: Snapshot | undefined;
}

export class ShownData {
  readonly #store = new ColumnStore();
  #snapshot: Snapshot | undefined;
  #frozen: Shown | undefined;

  /** A connection begins: this forgets the data of the process before. */
  noteHistory(history: History): void {
    this.#store.replace(history.columns);
  }

  noteEvent({ samples, snapshot }: SnapshotEvent): void {
    for (const sample of samples) this.#store.append(sample);
    this.#snapshot = snapshot;
  }

  get isPaused(): boolean {
    return this.#frozen !== undefined;
  }

  pause(): void {
    this.#frozen ??= this.#readLive();
  }

  resume(): void {
    this.#frozen = undefined;
  }

  /** Later events do not change the result. */
  get shown(): Shown {
    return this.#frozen ?? this.#readLive();
  }

  /** The newest state of the server, even if the page is paused. */
  get latestSnapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  #readLive(): Shown {
    return { columns: this.#store.copy(), snapshot: this.#snapshot };
  }
}
