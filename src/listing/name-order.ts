// The order of names: that of one language for every machine, whatever its locale; numbers by their
// worth, letters of either case together. Pure. Called by sort-entries.ts.

import { type DirectoryEntry, decodeName } from "./listing-entry.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork } from "./time-slice.ts";

/** Made when it is first asked for: that takes 14 ms, and a server should be ready by then. */
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
export interface NameToSort {
  readonly entry: DirectoryEntry;
  readonly name: string;
  /** "" for a name that has no key: then the collator decides. */
  readonly key: string;
  /** Some characters of the key as a number, which is faster to compare still; set by setRanks. */
  rank: number;
}

/** The collator takes longer numbers apart; and no name is longer than a file system allows. */
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

/** Finds what the keys of names that are sorted together begin with, and ranks them by what follows. */
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

/** What is left of the key, as the digits of a number; 0 behind its end. */
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
