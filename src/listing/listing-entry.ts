// What a listing is made of, and how a name is shown and linked. Pure. The server fills a FolderContent
// from read-directory.ts; listing-html.ts and listing-json.ts print it.

import { formatVisible } from "../http/page-text.ts";
import { percentEncodeSegment } from "../http/percent-encoding.ts";

export interface DirectoryEntry {
  /** One character a byte (Latin-1): a Linux name is bytes, and they need not be UTF-8. */
  readonly byteName: string;
  readonly kind: "file" | "directory";
  /** undefined for directories. */
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number;
}

/** Entries by their places: an array, or a form of it that takes less room (packed-entries.ts). */
export interface EntryList {
  readonly length: number;
  at(place: number): DirectoryEntry | undefined;
}

/** How much there is in a folder. */
export interface FolderTotals {
  /** Of all entries, or of those that match what is looked for. */
  readonly entryCount: number;
  readonly directoryCount: number;
  /** Of all files. */
  readonly sizeBytes: number;
  /**
   * Names that the folder holds beside its entries, and that nothing was looked up of: it holds too
   * many. 0 for nearly every folder.
   */
  readonly unreadCount: number;
}

/** What a folder holds. Its hits are not in it: they change all the time. */
export interface FolderContent extends Omit<FolderTotals, "entryCount"> {
  /** Directories first, then files, each by name, ascending (name-order.ts). */
  readonly entries: EntryList;
}

/** Nothing in it has to be decoded, shown otherwise or escaped, in HTML, JSON or a URL. */
const PLAIN_NAME = /^[\w.~-]+$/;

export function isPlainName(byteName: string): boolean {
  return PLAIN_NAME.test(byteName);
}

/** The name as text; bytes that are not UTF-8 become U+FFFD. */
export function decodeName(byteName: string): string {
  return Buffer.from(byteName, "latin1").toString("utf8");
}

/** The name for a person: one line, bytes that are not UTF-8 as U+FFFD, nothing unseen in it. */
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
