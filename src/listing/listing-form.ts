// The way from a folder to the text of its listing, the same for every form of it (listing-html.ts,
// listing-json.ts). In slices: neither reading, nor sorting, nor writing a hundred thousand entries
// holds up what else its thread has to do. It knows no file: the folder is loaded by who calls it.

import {
  type DirectoryEntry,
  type FolderContent,
  formatHrefPath,
  type Listing,
} from "./listing-entry.ts";
import { type ListingOrder, orderEntries } from "./sort-entries.ts";
import { ENTRIES_PER_PAUSE, PAUSE, runWhole, type SlicedWork } from "./time-slice.ts";

/** A row but for its hits, which change all the time. */
export interface Row {
  readonly before: string;
  readonly after: string;
}

export interface ListingForm {
  readonly name: "html" | "json";
  /** What can be said before the folder is read. */
  formatBeginning(pathSegments: readonly string[]): string;
  /** What stands between that and the first row. */
  formatRowsBeginning(listing: Listing, order: ListingOrder): string;
  /** @param hrefPath see formatHrefPath */
  formatRow(entry: DirectoryEntry, hrefPath: string): Row;
  /** What stands between two rows. */
  readonly separator: string;
  /** @param hitsMax of any row, at least 1 */
  formatHits(hits: number, hitsMax: number): string;
  formatEnd(listing: Listing, order: ListingOrder): string;
}

export interface LoadedFolder {
  readonly content: FolderContent;
  /** The row of an entry, by its place in `content.entries`. */
  rowAt(index: number): Row;
  /** See Listing. */
  readonly readme?: string | undefined;
}

export interface ListingRequest {
  readonly form: ListingForm;
  readonly pathSegments: readonly string[];
  readonly order: ListingOrder;
  readonly hitsOf: (entry: DirectoryEntry) => number;
}

/** How long a part is before it is handed on: few writes, and little held for a slow client. */
const PART_LENGTH = 48 * 1024;

/**
 * The listing in parts of about 48 Ki characters.
 * @param load is begun with the first step, before there is any text; and ended with this
 */
export function* listingParts(
  request: ListingRequest,
  load: SlicedWork<LoadedFolder>,
): SlicedWork<void> {
  const { form, pathSegments, order } = request;
  try {
    let step = load.next();
    yield form.formatBeginning(pathSegments);
    for (; step.done !== true; step = load.next()) yield PAUSE;
    const { content, rowAt, readme } = step.value;
    const hits = yield* readHits(content, request.hitsOf);
    const listing = { pathSegments, content, hits, readme };
    yield* rowParts(form, listing, order, rowAt);
  } finally {
    load.return(undefined as never);
  }
}

function* readHits(
  { entries }: FolderContent,
  hitsOf: (entry: DirectoryEntry) => number,
): SlicedWork<number[]> {
  const hits: number[] = [];
  for (const entry of entries) {
    hits.push(hitsOf(entry));
    if (hits.length % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
  return hits;
}

function* rowParts(
  form: ListingForm,
  listing: Listing,
  order: ListingOrder,
  rowAt: (index: number) => Row,
): SlicedWork<void> {
  const { hits } = listing;
  const hitsMax = hits.reduce((most, some) => Math.max(most, some), 1);
  const places = yield* orderEntries(listing, order);
  let part = form.formatRowsBeginning(listing, order);
  let separator = "";
  for (const place of places) {
    const { before, after } = rowAt(place);
    part += separator + before + form.formatHits(hits[place]!, hitsMax) + after;
    separator = form.separator;
    if (part.length >= PART_LENGTH) {
      yield part;
      part = "";
    }
  }
  yield part + form.formatEnd(listing, order);
}

/** The whole text of a listing that is at hand. */
export function formatListing(form: ListingForm, listing: Listing, order: ListingOrder): string {
  const { pathSegments, content } = listing;
  const hrefPath = formatHrefPath(pathSegments);
  const rowAt = (index: number) => form.formatRow(content.entries[index]!, hrefPath);
  return form.formatBeginning(pathSegments) + runWhole(rowParts(form, listing, order, rowAt)).text;
}
