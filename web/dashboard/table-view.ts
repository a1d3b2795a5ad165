// The plots in numbers, as a table that is updated only while it is open. Called by main.ts.

import type { Columns } from "./column-store.ts";
import { KeyedRows, type Row } from "./keyed-rows.ts";
import { formatBytes, formatLatency, formatRate, formatTimeOfDay } from "./number-format.ts";
import { makeElement, requireElement, setText } from "./page-element.ts";
import { cutIntoStretches, type Range, type Stretch } from "./range-table.ts";

export class TableView {
  readonly #details = requireElement("#in-numbers", HTMLDetailsElement);
  readonly #rows = new KeyedRows<Stretch>(requireElement("tbody", HTMLElement, this.#details), {
    keyOf: ({ toMs }) => String(toMs),
    make: makeRow,
    driftPlaces: 0,
    isHoldable: false,
  });

  /** @param onOpen is called when a person opens the table */
  constructor(onOpen: () => void) {
    this.#details.addEventListener("toggle", onOpen);
    // On a narrow screen the table is wider than its place, and the keyboard has to reach all of it.
    requireElement(".scroll", HTMLElement, this.#details).tabIndex = 0;
  }

  show(columns: Columns, range: Range): void {
    if (this.#details.open) this.#rows.show(cutIntoStretches(columns, range));
  }
}

function makeRow({ fromMs }: Stretch): Row<Stretch> {
  const element = makeElement("tr");
  const head = makeElement("th", "", formatTimeOfDay(fromMs));
  head.scope = "row";
  element.append(head);
  const cells = Array.from({ length: 6 }, () => element.insertCell());
  return {
    element,
    show(stretch) {
      formatCells(stretch).forEach((text, index) => {
        setText(cells[index]!, text);
      });
    },
  };
}

function formatCells(stretch: Stretch): string[] {
  return [
    formatRate(stretch.requestsPerSecond),
    formatRate(stretch.refusedPerSecond),
    formatBytes(stretch.bytesPerSecond),
    formatLatency(stretch.latencyP99Ms),
    formatRate(stretch.connectionsOpen),
    formatRate(stretch.requestsInProgress),
  ];
}
