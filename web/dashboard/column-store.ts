// The samples of the last hour, each field a column, as the plots need them: times ascend, and where seconds
// are missing there is one row of nulls, at which a line breaks. shown-data.ts fills it; the plots and the
// table read it. It has no DOM and does not know what a field means.

import type { Sample, SampleColumns } from "../../src/admin/snapshot.ts";

export type Field = Exclude<keyof Sample, "timeMs">;

/** null means that nothing is known about this second, or about this field in it. */
export type Column = readonly (number | null)[];

/** The columns of one period; all are as long as `timeMs`. */
export type Columns = Readonly<Record<Field, Column>> & { readonly timeMs: readonly number[] };

/** The server keeps as much. */
export const KEPT_MS = 3_600_000;

/** Samples are a second apart, or a little more if the main thread is busy. From this distance on, one is missing. */
const GAP_MS_MIN = 1_600;
const SECOND_MS = 1_000;

const fieldTable: Readonly<Record<Field, true>> = {
  requestsPerSecond: true,
  succeededPerSecond: true,
  redirectedPerSecond: true,
  clientErrorsPerSecond: true,
  refusedPerSecond: true,
  serverErrorsPerSecond: true,
  bytesPerSecond: true,
  latencyP50Ms: true,
  latencyP90Ms: true,
  latencyP99Ms: true,
  connectionsOpen: true,
  requestsInProgress: true,
};
const FIELDS = Object.keys(fieldTable) as Field[];

type Row = Readonly<Record<Field, number | null>> & { readonly timeMs: number };

export class ColumnStore {
  readonly #times: number[] = [];
  readonly #columns: Record<Field, (number | null)[]> = makeColumns(() => []);

  /** Replaces everything by what an event `history` brings. */
  replace(history: SampleColumns): void {
    this.#truncate(0);
    for (let rowIndex = 0; rowIndex < history.timeMs.length; rowIndex++) {
      this.append(readRow(history, rowIndex));
    }
  }

  /** Adds a sample, with which the hour ends: older ones are removed. */
  append(sample: Row): void {
    // If the clock was set back, this sample replaces those of the same moments.
    this.#truncate(findFirstAtOrAfter(this.#times, sample.timeMs));
    const newestMs = this.#times.at(-1);
    if (newestMs !== undefined && sample.timeMs - newestMs > GAP_MS_MIN) {
      this.#push(newestMs + SECOND_MS, undefined);
    }
    this.#push(sample.timeMs, sample);
    this.#forgetBefore(sample.timeMs - KEPT_MS);
  }

  /** A copy of everything, which later samples do not change. */
  copy(): Columns {
    return cutColumns({ timeMs: this.#times, ...this.#columns }, Number.POSITIVE_INFINITY);
  }

  #push(timeMs: number, row: Row | undefined): void {
    this.#times.push(timeMs);
    for (const field of FIELDS) this.#columns[field].push(row?.[field] ?? null);
  }

  #truncate(length: number): void {
    if (length >= this.#times.length) return;
    this.#times.length = length;
    for (const field of FIELDS) this.#columns[field].length = length;
  }

  #forgetBefore(timeMs: number): void {
    const count = findFirstAtOrAfter(this.#times, timeMs);
    if (count === 0) return;
    this.#times.splice(0, count);
    for (const field of FIELDS) this.#columns[field].splice(0, count);
  }
}

/**
 * A copy of the last `rangeMs` of the columns and of one row before, so that a line enters at the edge and does
 * not begin a second after it.
 */
export function cutColumns(columns: Columns, rangeMs: number): Columns {
  const newestMs = columns.timeMs.at(-1) ?? 0;
  const start = Math.max(0, findFirstAtOrAfter(columns.timeMs, newestMs - rangeMs) - 1);
  return {
    timeMs: columns.timeMs.slice(start),
    ...makeColumns((field) => columns[field].slice(start)),
  };
}

/** The index of the first time that is not before `timeMs`; the length if all are. */
export function findFirstAtOrAfter(times: readonly number[], timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readRow(history: SampleColumns, rowIndex: number): Row {
  const row = { timeMs: history.timeMs[rowIndex]! } as Record<Field, number | null> & {
    timeMs: number;
  };
  for (const field of FIELDS) row[field] = history[field][rowIndex] ?? null;
  return row;
}

function makeColumns<Made>(make: (field: Field) => Made): Record<Field, Made> {
  return Object.fromEntries(FIELDS.map((field) => [field, make(field)])) as Record<Field, Made>;
}
