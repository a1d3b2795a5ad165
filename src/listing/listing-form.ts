// The way from a folder to the text of its listing, the same for every form of it (listing-html.ts,
// listing-json.ts). In slices: neither reading, nor sorting, nor writing a hundred thousand entries
// holds up what else its thread has to do. It knows no file: the folder is loaded by who calls it.

import type { DirectoryEntry, FolderTotals } from "./listing-entry.ts";
import { type FolderToList, ListingChangedError, ListingProgress } from "./listing-progress.ts";
import type { ListingQuery } from "./listing-query.ts";
import type { SlicedWork } from "./time-slice.ts";

/** A row but for its hits, which change all the time. */
export interface Row {
  readonly before: string;
  readonly after: string;
}

/** The row of an entry, by its place in the folder. */
export type RowAt = (place: number) => Row;

/** Which of the entries a listing shows that comes in pages. */
export interface ListingPage {
  /** From 1 on, as it was asked for: there may be no such page. */
  readonly number: number;
  readonly entriesPerPage: number;
  /** At least 1. */
  readonly count: number;
}

/** What a listing says in addition to its rows. */
export interface ListingFacts {
  /** Decoded segments of the folder below the root, as byte names; empty for the root itself. */
  readonly pathSegments: readonly string[];
  readonly query: ListingQuery;
  readonly totals: FolderTotals;
  /** Entries that have in their names what is looked for. */
  readonly matchCount: number;
  /** Rows of this very listing. */
  readonly rowCount: number;
  /** undefined for one that has all rows. */
  readonly page: ListingPage | undefined;
}

export interface ListingForm {
  readonly name: "html" | "json";
  /** Forms of the same key have the same rows; undefined for one whose rows are its own. */
  readonly rowsKey: string | undefined;
  /** The text that is known before the folder is read. */
  formatBeginning(pathSegments: readonly string[]): string;
  /** The text between that and the first row. */
  formatRowsBeginning(facts: ListingFacts): string;
  /** @param hrefPath see formatHrefPath */
  formatRow(entry: DirectoryEntry, hrefPath: string): Row;
  /** The text between two rows. */
  readonly separator: string;
  /** Whether hits are shown as their share of the most. */
  readonly showsShare: boolean;
  /** @param hitsMax of any row, at least 1 */
  formatHits(hits: number, hitsMax: number): string;
  /** The text between the last row and the README. */
  formatRowsEnd(facts: ListingFacts): string;
  formatEnd(facts: ListingFacts): string;
}

/** The README below a listing, from a file that may change meanwhile. */
export interface ReadmeText {
  /** HTML that is safe to show (readme-section.ts). */
  readonly html: string;
  readonly version: string;
}

export interface ListingRequest {
  readonly form: ListingForm;
  readonly pathSegments: readonly string[];
  readonly query: ListingQuery;
  /** undefined: all entries are listed at once. */
  readonly entriesPerPage: number | undefined;
  readonly hitsOf: (entry: DirectoryEntry) => number;
  readonly folder: FolderToList;
  /** The README among the entries that may be one, each time as it is then; undefined: none is shown. */
  readonly readmeOf?:
    | ((entries: readonly DirectoryEntry[]) => SlicedWork<ReadmeText | undefined>)
    | undefined;
}

/**
 * How long a part is before it is handed on: few writes, and what is held for a client that does not
 * read, as text, as bytes and as what the socket is given, is 200 KiB at most.
 */
const PART_LENGTH = 32 * 1024;

/**
 * The listing in parts of about 32 Ki characters. Between two parts it holds no entries and no rows, only
 * which it has to tell (listing-progress.ts).
 * @throws ListingChangedError when it can neither go on nor be told to be whole
 */
export function* listingParts(request: ListingRequest): SlicedWork<void> {
  const { form, pathSegments } = request;
  const progress = new ListingProgress(request);
  const preparing = progress.prepare();
  try {
    // Begun before there is any text: what it throws can still be told with a status.
    const step = preparing.next();
    yield form.formatBeginning(pathSegments);
    if (step.done !== true) {
      yield step.value;
      yield* preparing;
    }
    const last = yield* rowParts(form, progress);
    yield* readmeParts(request, progress, last);
  } finally {
    preparing.return();
    progress.end();
  }
}

/** @returns what is left for the last part */
function* rowParts(form: ListingForm, progress: ListingProgress): SlicedWork<string> {
  let part = form.formatRowsBeginning(progress.facts);
  while (!progress.isDone) {
    const rows = progress.nextRows(PART_LENGTH - part.length);
    if (rows === undefined) yield* progress.prepare();
    else part += rows;
    if (part.length < PART_LENGTH) continue;
    yield part;
    part = "";
  }
  return part + form.formatRowsEnd(progress.facts);
}

function* readmeParts(
  { form, readmeOf }: ListingRequest,
  { facts, readmes }: ListingProgress,
  last: string,
): SlicedWork<void> {
  let part = last;
  if (readmeOf !== undefined && readmes.length > 0) {
    let version: string | undefined;
    for (let at = 0; ; ) {
      const piece: ReadmePiece = cutReadme(yield* readmeOf(readmes), at, version);
      at += piece.text.length;
      version = piece.version;
      part += piece.text;
      if (piece.text.length < PART_LENGTH) break;
      yield part;
      part = "";
    }
  }
  yield part + form.formatEnd(facts);
}

interface ReadmePiece {
  readonly text: string;
  readonly version: string;
}

/**
 * A copy of a piece, so that it does not keep the whole text in memory; no character is cut in two.
 * @param version of the piece before it
 */
function cutReadme(
  readme: ReadmeText | undefined,
  start: number,
  version: string | undefined,
): ReadmePiece {
  if (start > 0 && readme?.version !== version) {
    throw new ListingChangedError("the README was changed");
  }
  if (readme === undefined) return { text: "", version: "" };
  const { html } = readme;
  const end = start + PART_LENGTH;
  const isWithinPair = end < html.length && !html.slice(start, end).isWellFormed();
  const piece = html.slice(start, isWithinPair ? end + 1 : end);
  const text = Buffer.from(piece, "utf16le").toString("utf16le");
  return { text, version: readme.version };
}
