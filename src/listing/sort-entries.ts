// In which order a folder is listed. Pure. The query names it (listing-query.ts); both forms of the
// listing are sorted by it.

import type { DirectoryEntry, FolderContent } from "./listing-entry.ts";
import { compareNames, type NameToSort, prepareToSort, setRanks } from "./name-order.ts";
import { sortInSlices } from "./sort-in-slices.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork } from "./time-slice.ts";

export type ListingColumn = "name" | "size" | "modified" | "hits";

export interface ListingOrder {
  readonly by: ListingColumn;
  readonly order: "asc" | "desc";
}

export interface SortedEntries extends Omit<FolderContent, "unreadCount"> {
  readonly entries: readonly DirectoryEntry[];
}

/** The entries of a folder, of any order, in the one in which its content is kept. */
export function* sortByName(entries: readonly DirectoryEntry[]): SlicedWork<SortedEntries> {
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

export interface EntriesToOrder extends Pick<FolderContent, "entries" | "directoryCount"> {
  /** By place in `entries`; asked for when they decide the order. */
  readonly hitsAt: (place: number) => number;
}

/**
 * Places in `entries`, in the order in which they are to be listed: directories first whatever the
 * order; what is equal goes by name, ascending.
 * @param places ascending
 */
export function* orderPlaces(
  content: EntriesToOrder,
  order: ListingOrder,
  places: Uint32Array,
): SlicedWork<Uint32Array> {
  const firstFile = places.findIndex((place) => place >= content.directoryCount);
  const directoriesEnd = firstFile < 0 ? places.length : firstFile;
  const groups = [places.subarray(0, directoriesEnd), places.subarray(directoriesEnd)];
  const { by } = order;
  const isDescending = order.order === "desc";
  if (by === "name" && !isDescending) return places;
  const ordered = new Uint32Array(places.length);
  let at = 0;
  for (const group of groups) {
    if (by === "name") ordered.set(group.toReversed(), at);
    else ordered.set(yield* orderGroup(content, by, isDescending, group), at);
    at += group.length;
  }
  return ordered;
}

/** Stable, so what is equal in the column stays in the order of names. */
function* orderGroup(
  content: EntriesToOrder,
  by: Exclude<ListingColumn, "name">,
  isDescending: boolean,
  places: Uint32Array,
): SlicedWork<Uint32Array> {
  // Looked up once for each: hits change while they are sorted.
  const values = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) {
    values[index] = readColumn(content, places[index]!, by);
    if ((index + 1) % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
  const direction = isDescending ? -1 : 1;
  const indexes = Array.from(places, (_, index) => index);
  const sorted = yield* sortInSlices(indexes, (a, b) => direction * (values[a]! - values[b]!));
  return Uint32Array.from(sorted, (index) => places[index]!);
}

function readColumn(
  { entries, hitsAt }: EntriesToOrder,
  place: number,
  by: Exclude<ListingColumn, "name">,
): number {
  if (by === "hits") return hitsAt(place);
  const entry = entries.at(place)!;
  return by === "size" ? (entry.sizeBytes ?? 0) : entry.modifiedMs;
}
