// The order in which a folder is listed. Pure. The query names it (query.ts), and both forms of the listing
// use it. Names have the same order on every machine, whatever its locale: numbers by their value, upper
// and lower case together.

import { type DirectoryEntry, decodeName, type FolderContent } from "./entry.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork } from "./time-slice.ts";

export type ListingColumn = "name" | "size" | "modified" | "hits";

export interface ListingOrder {
  readonly by: ListingColumn;
  readonly order: "asc" | "desc";
}

export interface SortedEntries extends Omit<FolderContent, "unreadCount"> {
  readonly entries: readonly DirectoryEntry[];
}

/** Sorts the entries of a folder into the order in which its content is kept. */
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
  /** By place in `entries`. Called where hits decide the order. */
  readonly hitsAt: (place: number) => number;
}

/**
 * Places in `entries`, in the order in which they are listed. Directories always come first; equal entries
 * go by name, ascending.
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

/** Stable, so entries that are equal in the column stay in the order of names. */
function* orderGroup(
  content: EntriesToOrder,
  by: Exclude<ListingColumn, "name">,
  isDescending: boolean,
  places: Uint32Array,
): SlicedWork<Uint32Array> {
  // Each is looked up once, because hits change during the sort.
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

/** Made on first use: that takes 14 ms, and must not delay the start of a server. */
let collator: Intl.Collator | undefined;

function compareByCollator(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/**
 * The collator takes half a microsecond for two names, and a sort compares each with a dozen others. So
 * a name in ASCII gets a key instead, made once, whose order as a string is the collator's of all but
 * case and leading zeros.
 */
interface NameToSort {
  readonly entry: DirectoryEntry;
  readonly name: string;
  /** "" for a name that has no key: then the collator decides. */
  readonly key: string;
  /** Some characters of the key as a number, which is faster to compare still; set by setRanks. */
  rank: number;
}

/** The collator splits longer numbers, and no name is longer than a file system allows. */
const KEYED_LENGTH_MAX = 254;
/** As many bytes as a number holds. */
const RANKED_LENGTH = 6;
/** A digit becomes three bytes at most. */
const keyBytes = Buffer.alloc(3 * KEYED_LENGTH_MAX);
const ZERO = 0x30;
const NINE = 0x39;
const ASCII_CODES = 128;

let knownPlaces: Uint8Array | undefined;

/** For each character of ASCII its place among them, from 1 on; 0 for those the collator ignores. */
function rankAscii(): Uint8Array {
  const base = new Intl.Collator("en", { sensitivity: "base" });
  const characters = Array.from({ length: ASCII_CODES }, (_, code) => String.fromCharCode(code));
  const sorted = characters.filter((character) => base.compare(character, "") !== 0);
  sorted.sort(base.compare);
  const places = new Uint8Array(ASCII_CODES);
  let place = 1;
  for (const [index, character] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && base.compare(before, character) !== 0) place++;
    places[character.charCodeAt(0)] = place;
  }
  return places;
}

/** A number becomes the place of 0, its count of digits, and its digits: longer ones are greater. */
function formatNameKey(byteName: string): string {
  if (byteName.length > KEYED_LENGTH_MAX) return "";
  knownPlaces ??= rankAscii();
  const places = knownPlaces;
  let length = 0;
  let numberStart = -1;
  for (let at = 0; at < byteName.length; at++) {
    const code = byteName.charCodeAt(at);
    if (code >= ASCII_CODES) return "";
    if (code < ZERO || code > NINE) {
      numberStart = -1;
      const place = places[code]!;
      if (place > 0) keyBytes[length++] = place;
      continue;
    }
    if (numberStart < 0) {
      keyBytes[length++] = places[ZERO]!;
      numberStart = length;
      keyBytes[length++] = 0;
    }
    const isLeadingZero = code === ZERO && keyBytes[numberStart] === 0;
    if (isLeadingZero) continue;
    keyBytes[length++] = code;
    keyBytes[numberStart]!++;
  }
  return keyBytes.toString("latin1", 0, length);
}

export function prepareToSort(entry: DirectoryEntry): NameToSort {
  const { byteName } = entry;
  const key = formatNameKey(byteName);
  return { entry, key, name: key === "" ? decodeName(byteName) : byteName, rank: 0 };
}

/** Finds the common beginning of the keys that are sorted together, and ranks them by what follows. */
export function* setRanks(names: readonly NameToSort[]): SlicedWork<void> {
  const first = names.find(({ key }) => key !== "")?.key ?? "";
  let beginning = first;
  for (const [index, { key }] of names.entries()) {
    while (key !== "" && !key.startsWith(beginning)) beginning = beginning.slice(0, -1);
    if (index % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
  for (const [index, name] of names.entries()) {
    name.rank = readRank(name.key, beginning.length);
    if (index % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
}

/** The next characters of the key, as the digits of a number; 0 behind its end. */
function readRank(key: string, start: number): number {
  let rank = 0;
  for (let at = start; at < start + RANKED_LENGTH; at++) {
    rank = rank * 256 + (at < key.length ? key.charCodeAt(at) : 0);
  }
  return rank;
}

/** 0 only for the same bytes, so that the order never depends on that of the folder. */
export function compareNames(a: NameToSort, b: NameToSort): number {
  if (a.key !== "" && b.key !== "") {
    if (a.rank !== b.rank) return a.rank - b.rank;
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  }
  return compareByCollator(a.name, b.name) || compareBytes(a.entry.byteName, b.entry.byteName);
}

function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** At half a microsecond for each comparison, which is the most, a run takes a slice. */
const RUN_LENGTH = 1024;

/**
 * A sorted copy, by a sort that pauses: it sorts runs at once, then merges them two by two. Stable: equal
 * items stay in their order.
 */
export function* sortInSlices<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): SlicedWork<Item[]> {
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += RUN_LENGTH) {
    runs.push(items.slice(start, start + RUN_LENGTH).sort(compare));
    yield PAUSE;
  }
  while (runs.length > 1) {
    const longer: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [first = [], second] = runs.slice(index, index + 2);
      longer.push(second === undefined ? first : yield* merge(first, second, compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (a: Item, b: Item) => number,
): SlicedWork<Item[]> {
  const merged: Item[] = [];
  const length = first.length + second.length;
  let at = 0;
  let next = 0;
  while (merged.length < length) {
    const takesFirst =
      next === second.length || (at < first.length && compare(first[at]!, second[next]!) <= 0);
    merged.push(takesFirst ? first[at++]! : second[next++]!);
    if (merged.length % RUN_LENGTH === 0) yield PAUSE;
  }
  return merged;
}
