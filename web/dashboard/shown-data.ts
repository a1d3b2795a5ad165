// What has come from the server, and what of it is shown: the same, unless the page is paused. Then
// what is shown stands still and the rest goes on being collected. No DOM. Filled and read by main.ts.

import type { History, Snapshot, SnapshotEvent } from "../../src/admin/snapshot.ts";
import { ColumnStore, type Columns } from "./column-store.ts";

export interface Shown {
  /** The last hour at most. */
  readonly columns: Columns;
  /** Undefined until the first has come. */
  readonly snapshot: Snapshot | undefined;
}

export class ShownData {
  readonly #store = new ColumnStore();
  #snapshot: Snapshot | undefined;
  #frozen: Shown | undefined;

  /** A connection begins: what another process may have told before is gone. */
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

  /** Later events do not change what this gives. */
  get shown(): Shown {
    return this.#frozen ?? this.#readLive();
  }

  /** As the server is now, paused or not. */
  get latestSnapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  #readLive(): Shown {
    return { columns: this.#store.copy(), snapshot: this.#snapshot };
  }
}
