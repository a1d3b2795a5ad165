// Rows of a list or table that keep their element as long as their key exists, so that nothing flickers and
// the focus stays where it is. Used by the lists of clients, files and threads.

import { orderRows } from "./row-order.ts";

export interface RowKind<Item, Shown> {
  keyOf(item: Item): string;
  make(item: Item): Shown;
  /** How far a row's rank may be from its place before it moves. */
  readonly driftPlaces: number;
  /** Rows stay in place while someone points at them or has the focus in them. */
  readonly isHoldable: boolean;
}

export interface Row<Item> {
  readonly element: HTMLElement;
  show(item: Item): void;
}

/** A touch leaves `:hover` where the finger last was, so only a pointer that can hover holds rows. */
const HOVER_QUERY = "(hover: hover)";

export class KeyedRows<Item, Shown extends Row<Item> = Row<Item>> {
  readonly #container: HTMLElement;
  readonly #kind: RowKind<Item, Shown>;
  readonly #rows = new Map<string, Shown>();
  readonly #canHover: MediaQueryList;
  #order: string[] = [];

  constructor(container: HTMLElement, kind: RowKind<Item, Shown>) {
    this.#container = container;
    this.#kind = kind;
    this.#canHover = matchMedia(HOVER_QUERY);
  }

  get rows(): Iterable<Shown> {
    return this.#rows.values();
  }

  find(key: string): Shown | undefined {
    return this.#rows.get(key);
  }

  /** @param items in the order of their ranks */
  show(items: readonly Item[]): void {
    const itemOf = new Map(items.map((item) => [this.#kind.keyOf(item), item]));
    this.#order = orderRows(this.#order, [...itemOf.keys()], {
      driftPlaces: this.#kind.driftPlaces,
      isHeld: this.#isHeld(),
    });
    this.#removeGone(itemOf);
    for (const [key, item] of itemOf) this.#rowFor(key, item).show(item);
    this.#place();
  }

  #rowFor(key: string, item: Item): Shown {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#kind.make(item);
    this.#rows.set(key, row);
    return row;
  }

  #removeGone(itemOf: ReadonlyMap<string, Item>): void {
    for (const [key, row] of this.#rows) {
      if (itemOf.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
  }

  #place(): void {
    this.#order.forEach((key, place) => {
      const element = this.#rows.get(key)!.element;
      const there = this.#container.children[place] ?? null;
      if (there !== element) this.#container.insertBefore(element, there);
    });
  }

  #isHeld(): boolean {
    if (!this.#kind.isHoldable) return false;
    if (this.#container.matches(":focus-within")) return true;
    return this.#canHover.matches && this.#container.matches(":hover");
  }
}
