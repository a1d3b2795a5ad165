// In which order a folder is listed. Pure. The server reads the order from the query; both forms of
// the listing are sorted by it.

import { findQueryValue } from "../http/query.ts";
import type { DirectoryEntry, FolderContent, Listing } from "./listing-entry.ts";
import { compareNames, type NameToSort, prepareToSort, setRanks } from "./name-order.ts";
import { sortInSlices } from "./sort-in-slices.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork } from "./time-slice.ts";

export type ListingColumn = "name" | "size" | "modified" | "hits";

export interface ListingOrder {
  readonly by: ListingColumn;
  readonly order: "asc" | "desc";
}

const COLUMNS: ReadonlySet<string> = new Set(["name", "size", "modified", "hits"]);

function isColumn(value: string | undefined): value is ListingColumn {
  return value !== undefined && COLUMNS.has(value);
}

/** From `sort=hits&order=desc`, with or without its `?`; what is absent or unknown is name, asc. */
export function parseListingOrder(query: string): ListingOrder {
  const column = findQueryValue(query, "sort");
  return {
    by: isColumn(column) ? column : "name",
    order: findQueryValue(query, "order") === "desc" ? "desc" : "asc",
  };
}

/** The entries of a folder, of any order, in the one in which its content is kept. */
export function* sortByName(
  entries: readonly DirectoryEntry[],
): SlicedWork<Omit<FolderContent, "isComplete">> {
  const directories: NameToSort[] = [];
  const files: NameToSort[] = [];
  let sizeBytes = 0;
  for (const [index, entry] of entries.entries()) {
    (entry.kind === "directory" ? directories : files).push(prepareToSort(entry));
    sizeBytes += entry.sizeBytes ?? 0;
    if (index % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
  const sorted: DirectoryEntry[] = [];
  for (const names of [directories, files]) {
    yield* setRanks(names);
    for (const { entry } of yield* sortInSlices(names, compareNames)) sorted.push(entry);
  }
  return { entries: sorted, directoryCount: directories.length, sizeBytes };
}

function readColumn(listing: Listing, index: number, by: Exclude<ListingColumn, "name">): number {
  if (by === "hits") return listing.hits[index]!;
  const entry = listing.content.entries[index]!;
  return by === "size" ? (entry.sizeBytes ?? 0) : entry.modifiedMs;
}

/**
 * The entries by their places in `content.entries`, as they are to be listed: directories first
 * whatever the order; what is equal goes by name, ascending.
 */
export function* orderEntries(listing: Listing, order: ListingOrder): SlicedWork<number[]> {
  const { entries, directoryCount }: FolderContent = listing.content;
  const places = entries.map((_, index) => index);
  const groups = [places.slice(0, directoryCount), places.slice(directoryCount)];
  const { by } = order;
  const isDescending = order.order === "desc";
  if (by === "name") return (isDescending ? groups.map((group) => group.reverse()) : groups).flat();
  const direction = isDescending ? -1 : 1;
  const ordered: number[][] = [];
  for (const group of groups) {
    // Stable, so what is equal in the column stays in the order of names.
    ordered.push(
      yield* sortInSlices(
        group,
        (a, b) => direction * (readColumn(listing, a, by) - readColumn(listing, b, by)),
      ),
    );
  }
  return ordered.flat();
}
