// What a form of a listing is, HTML (html.ts) or JSON (json.ts), and what it is given to print. Types only.

import type { DirectoryEntry, FolderTotals } from "./entry.ts";
import type { ListingQuery } from "./query.ts";

/** A row without its hits, which change all the time. */
export interface Row {
  readonly before: string;
  readonly after: string;
}

/** The row of an entry, by its place in the folder. */
export type RowAt = (place: number) => Row;

/** Which of the entries a listing shows that comes in pages. */
export interface ListingPage {
  /** From 1 on, as the client asked for it: there may be no such page. */
  readonly number: number;
  readonly entriesPerPage: number;
  /** At least 1. */
  readonly count: number;
}

/** What a listing says besides its rows. */
export interface ListingFacts {
  /** Decoded segments of the folder below the root, as byte names; empty for the root itself. */
  readonly pathSegments: readonly string[];
  readonly query: ListingQuery;
  readonly totals: FolderTotals;
  /** Entries whose names contain the text that is searched for. */
  readonly matchCount: number;
  /** Rows of this listing. */
  readonly rowCount: number;
  /** Undefined for a listing of all rows. */
  readonly page: ListingPage | undefined;
}

export interface ListingForm {
  readonly name: "html" | "json";
  /** Forms with the same key have the same rows. Undefined: no other form has these rows. */
  readonly rowsKey: string | undefined;
  /** The text that is known before the folder is read. */
  formatBeginning(pathSegments: readonly string[]): string;
  /** The text between that and the first row. */
  formatRowsBeginning(facts: ListingFacts): string;
  /** @param hrefPath see formatHrefPath */
  formatRow(entry: DirectoryEntry, hrefPath: string): Row;
  /** The text between two rows. */
  readonly separator: string;
  /** Whether hits are shown as a share of the highest count. */
  readonly showsShare: boolean;
  /** @param hitsMax of any row, at least 1 */
  formatHits(hits: number, hitsMax: number): string;
  /** The text between the last row and the README. */
  formatRowsEnd(facts: ListingFacts): string;
  formatEnd(facts: ListingFacts): string;
}

/** The README below a listing, from a file that may change meanwhile. */
export interface ReadmeText {
  /** HTML that is safe to show (readme.ts). */
  readonly html: string;
  readonly version: string;
}
