// The rows of a folder that is listed again and again, but for their hits: each is formatted once, with
// its neighbours, when one of them is asked for. Called by remembered-folders.ts.

import type { Row } from "./listing-form.ts";

/** Formatted together: their texts share one string. */
const ROWS_PER_BLOCK = 64;
/** The objects of a row, beside its characters. */
const ROW_BYTES = 128;

const WIDE = /[\u0100-\uffff]/;

export class PreparedRows {
  private readonly rowCount: number;
  private readonly formatRow: (index: number) => Row;
  private readonly onGrowth: (bytes: number) => void;
  private readonly rows: (Row | undefined)[];

  /** @param onGrowth is told how many bytes more are held, about */
  constructor(
    rowCount: number,
    formatRow: (index: number) => Row,
    onGrowth: (bytes: number) => void,
  ) {
    this.rowCount = rowCount;
    this.formatRow = formatRow;
    this.onGrowth = onGrowth;
    this.rows = new Array(rowCount);
  }

  rowAt(index: number): Row {
    return this.rows[index] ?? this.prepareBlock(index);
  }

  private prepareBlock(index: number): Row {
    const start = index - (index % ROWS_PER_BLOCK);
    const end = Math.min(start + ROWS_PER_BLOCK, this.rowCount);
    const pieces: string[] = [];
    for (let at = start; at < end; at++) {
      const { before, after } = this.formatRow(at);
      pieces.push(before, after);
    }
    // A text put together of thirty is kept as those thirty until someone reads it: slower to read
    // each time, and many times the room. Joined, it is one stretch of characters.
    const text = pieces.join("");
    let from = 0;
    const cut = (piece: string) => {
      const to = from + piece.length;
      const cutOut = text.slice(from, to);
      from = to;
      return cutOut;
    };
    for (let at = start; at < end; at++) {
      const place = 2 * (at - start);
      this.rows[at] = { before: cut(pieces[place]!), after: cut(pieces[place + 1]!) };
    }
    this.onGrowth(text.length * (WIDE.test(text) ? 2 : 1) + ROW_BYTES * (end - start));
    return this.rows[index]!;
  }
}
