// What a listing is made of, and how a name is shown and linked. Pure. The server fills a Listing
// from read-directory.ts and the hit counter; listing-html.ts and listing-json.ts print it.

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

/** What a folder holds. Its hits are not in it: they change all the time. */
export interface FolderContent {
  /** Directories first, then files, each by name, ascending (name-order.ts). */
  readonly entries: readonly DirectoryEntry[];
  readonly directoryCount: number;
  /** Of all files. */
  readonly sizeBytes: number;
  /** false when the folder holds more names than were looked at; which these were is chance. */
  readonly isComplete: boolean;
}

export interface Listing {
  /** Decoded segments of the folder below the root, as byte names; empty for the root itself. */
  readonly pathSegments: readonly string[];
  readonly content: FolderContent;
  /** Of each entry, in the order of `content.entries`. */
  readonly hits: readonly number[];
  /** What stands below the list of a page, as HTML that is safe to show (readme-section.ts). */
  readonly readme?: string | undefined;
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
 * Where the entry is, below `hrefPath` (see formatHrefPath); directories end in a slash, so that
 * following the link costs no redirect.
 */
export function formatEntryHref(hrefPath: string, entry: DirectoryEntry): string {
  const { byteName, kind } = entry;
  const name = isPlainName(byteName) ? byteName : percentEncodeSegment(byteName);
  return hrefPath + name + (kind === "directory" ? "/" : "");
}
