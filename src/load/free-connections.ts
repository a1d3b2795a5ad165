// The connections of a thread that can take one more request. Used by thread-run.ts.

/** Which of several free connections is next. */
export type FreeOrder =
  /** The last used: fewer connections are opened, and kept from idling. */
  | "last-used"
  /** The one that has waited longest: none is left out. */
  | "in-turn";

/** Each connection is in it at most once; `capacity` is how many there are. */
export class FreeConnections<T> {
  readonly #places: (T | undefined)[];
  readonly #order: FreeOrder;
  #firstIndex = 0;
  #count = 0;

  constructor(capacity: number, order: FreeOrder) {
    this.#places = new Array<T | undefined>(capacity).fill(undefined);
    this.#order = order;
  }

  get count(): number {
    return this.#count;
  }

  give(connection: T): void {
    this.#places[this.#placeAt(this.#count++)] = connection;
  }

  /** The next one, or undefined when none is free. */
  take(): T | undefined {
    if (this.#count === 0) return undefined;
    this.#count--;
    if (this.#order === "last-used") return this.#places[this.#placeAt(this.#count)];
    const connection = this.#places[this.#firstIndex];
    this.#firstIndex = this.#placeAt(1);
    return connection;
  }

  #placeAt(offset: number): number {
    return (this.#firstIndex + offset) % this.#places.length;
  }
}
