// What a listing is made of, how a name is shown and linked, and the entries of a folder in little memory.
// The server fills a FolderContent from read-directory.ts, and html.ts and json.ts print it.

import { percentEncodeSegment } from "../../http/url.ts";
import { formatVisible } from "../../page/text.ts";
import { PAUSE, type SlicedWork } from "./time-slice.ts";

export interface DirectoryEntry {
  /** One character a byte (Latin-1): a Linux name is bytes, and they need not be UTF-8. */
  readonly byteName: string;
  readonly kind: "file" | "directory";
  /** undefined for directories. */
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number;
}

/** Entries by their places: an array, or a form that takes less memory (PackedEntries). */
export interface EntryList {
  readonly length: number;
  at(place: number): DirectoryEntry | undefined;
}

/** How much there is in a folder. */
export interface FolderTotals {
  /** All entries, or those that match the text that is searched for. */
  readonly entryCount: number;
  readonly directoryCount: number;
  /** The sum of all files. */
  readonly sizeBytes: number;
  /**
   * Names that the folder holds beyond its entries: it holds too many to look them up. 0 for nearly
   * every folder.
   */
  readonly unreadCount: number;
}

/** The content of a folder, without its hits, which change all the time. */
export interface FolderContent extends Omit<FolderTotals, "entryCount"> {
  /** Directories first, then files, each by name, ascending (order.ts). */
  readonly entries: EntryList;
}

/** Names that need no decoding and no escape in HTML, JSON or a URL. */
const PLAIN_NAME = /^[\w.~-]+$/;

export function isPlainName(byteName: string): boolean {
  return PLAIN_NAME.test(byteName);
}

/** The name as text; bytes that are not UTF-8 become U+FFFD. */
export function decodeName(byteName: string): string {
  return Buffer.from(byteName, "latin1").toString("utf8");
}

/** The name for a person: one line, bytes that are not UTF-8 as U+FFFD, no invisible characters. */
export function formatDisplayName(byteName: string): string {
  return formatVisible(decodeName(byteName));
}

/** The folder's path for a person: `/docs/`, `/` for the root. */
export function formatDisplayPath(pathSegments: readonly string[]): string {
  return `/${pathSegments.map((segment) => `${formatDisplayName(segment)}/`).join("")}`;
}

/** The folder's path in a URL, with a slash at both ends. */
export function formatHrefPath(pathSegments: readonly string[]): string {
  return `/${pathSegments.map((segment) => `${percentEncodeSegment(segment)}/`).join("")}`;
}

/**
 * Where the entry is, below `hrefPath` (see formatHrefPath), or below its own folder where that is
 * empty: a name has no colon and no slash in it when it is encoded, so it is never taken for more.
 * Directories end in a slash, so that following the link costs no redirect.
 */
export function formatEntryHref(hrefPath: string, entry: DirectoryEntry): string {
  const { byteName, kind } = entry;
  const name = isPlainName(byteName) ? byteName : percentEncodeSegment(byteName);
  return hrefPath + name + (kind === "directory" ? "/" : "");
}

/** A tenth of a slice or so. */
const PACKED_TOGETHER = 1024;

/**
 * The entries of a folder in little memory: their names one behind the other as bytes, the other facts in
 * arrays of numbers. As objects, a hundred thousand of them take three times as much, and the garbage
 * collector has to look at each. It is the form in which remembered-folders.ts holds them.
 */
export class PackedEntries implements EntryList {
  readonly length: number;
  readonly #names: Buffer;
  /** Where each name ends in `names`; the next one begins there. */
  readonly #nameEnds: Uint32Array;
  /** -1 for a directory. */
  readonly #sizes: Float64Array;
  readonly #times: Float64Array;

  private constructor(length: number, nameBytes: number) {
    this.length = length;
    this.#names = Buffer.allocUnsafeSlow(nameBytes);
    this.#nameEnds = new Uint32Array(length);
    this.#sizes = new Float64Array(length);
    this.#times = new Float64Array(length);
  }

  static *pack(entries: readonly DirectoryEntry[]): SlicedWork<PackedEntries> {
    let nameBytes = 0;
    for (const { byteName } of entries) nameBytes += byteName.length;
    const packed = new PackedEntries(entries.length, nameBytes);
    let end = 0;
    for (const [place, { byteName, sizeBytes, modifiedMs }] of entries.entries()) {
      end += packed.#names.write(byteName, end, "latin1");
      packed.#nameEnds[place] = end;
      packed.#sizes[place] = sizeBytes ?? -1;
      packed.#times[place] = modifiedMs;
      if ((place + 1) % PACKED_TOGETHER === 0) yield PAUSE;
    }
    return packed;
  }

  at(place: number): DirectoryEntry {
    const nameStart = place === 0 ? 0 : this.#nameEnds[place - 1];
    const byteName = this.#names.toString("latin1", nameStart, this.#nameEnds[place]);
    const modifiedMs = this.#times[place]!;
    const sizeBytes = this.#sizes[place]!;
    return sizeBytes < 0
      ? { byteName, kind: "directory", sizeBytes: undefined, modifiedMs }
      : { byteName, kind: "file", sizeBytes, modifiedMs };
  }
}

/** Fewer cost little either way, and are listed faster as objects. */
const PACKED_MIN = 512;
const OBJECT_BYTES = 128;
const PACKED_BYTES = 20;

/** The entries in the form in which they are remembered. */
export function* keepEntries(entries: readonly DirectoryEntry[]): SlicedWork<EntryList> {
  return entries.length < PACKED_MIN ? entries : yield* PackedEntries.pack(entries);
}

/** Roughly the bytes that each entry takes besides its name. */
export function bytesPerEntry(entries: EntryList): number {
  return entries instanceof PackedEntries ? PACKED_BYTES : OBJECT_BYTES;
}
