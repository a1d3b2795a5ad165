// What a listing is made of, and how a name is shown and linked. Pure. The server fills a Listing
// from read-directory.ts and the hit counter; listing-html.ts and listing-json.ts print it.

import { formatVisible } from "../http/page-text.ts";
import { percentEncodeSegment } from "../http/percent-encoding.ts";

/** A directory entry before its hits are known. */
export interface DirectoryEntry {
  /** A Linux name is bytes, and they need not be UTF-8. */
  readonly nameBytes: Buffer;
  readonly kind: "file" | "directory";
  /** undefined for directories. */
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number;
}

export interface ListingEntry extends DirectoryEntry {
  readonly hits: number;
}

export interface Listing {
  /** Decoded segments of the folder below the root; empty for the root itself. None is empty. */
  readonly pathSegments: readonly Buffer[];
  readonly entries: readonly ListingEntry[];
}

/** The name for a person: one line, bytes that are not UTF-8 as U+FFFD, nothing unseen in it. */
export function formatDisplayName(nameBytes: Buffer): string {
  return formatVisible(nameBytes.toString("utf8"));
}

/** The folder's path for a person: `/docs/`, `/` for the root. */
export function formatDisplayPath(pathSegments: readonly Buffer[]): string {
  return `/${pathSegments.map((segment) => `${formatDisplayName(segment)}/`).join("")}`;
}

/** The folder's path in a URL, with a slash at both ends. */
export function formatHrefPath(pathSegments: readonly Buffer[]): string {
  return `/${pathSegments.map((segment) => `${percentEncodeSegment(segment.toString("latin1"))}/`).join("")}`;
}

/**
 * Where the entry is, below `hrefPath` (see formatHrefPath); directories end in a slash, so that
 * following the link costs no redirect.
 */
export function formatEntryHref(hrefPath: string, entry: DirectoryEntry): string {
  return `${hrefPath}${percentEncodeSegment(entry.nameBytes.toString("latin1"))}${entry.kind === "directory" ? "/" : ""}`;
}

/** ISO 8601 in UTC; a time beyond what Date can hold (file systems can) is held at its edge. */
export function formatModified(modifiedMs: number): string {
  const dateMsMax = 8.64e15; // ECMA-262 §21.4.1.1
  const heldMs = Math.min(Math.max(modifiedMs, -dateMsMax), dateMsMax);
  return new Date(Number.isNaN(heldMs) ? 0 : heldMs).toISOString();
}
