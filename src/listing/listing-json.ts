// A listing for programs. Pure. The server streams the parts; the shape is part of what users see.

import { formatJsonString } from "../http/page-text.ts";
import {
  formatDisplayPath,
  formatEntryHref,
  formatHrefPath,
  formatModified,
  type Listing,
  type ListingEntry,
} from "./listing-entry.ts";
import { type ListingOrder, sortEntries } from "./sort-entries.ts";

/** How long a part is before it is handed on: few writes, and little held for a slow client. */
const PART_LENGTH = 48 * 1024;

function formatEntry(entry: ListingEntry, hrefPath: string): string {
  const size = entry.sizeBytes === undefined ? "" : `"size":${entry.sizeBytes},`;
  // The name is the name itself, not its display form: a program wants what the file is called.
  return `{"name":${formatJsonString(entry.nameBytes.toString("utf8"))},"type":"${entry.kind}",${size}"modified":"${formatModified(entry.modifiedMs)}","hits":${entry.hits},"href":"${formatEntryHref(hrefPath, entry)}"}`;
}

/** The JSON in parts of about 48 Ki characters; one line for each entry. */
export function* listingJsonParts(listing: Listing, order: ListingOrder): Generator<string> {
  const hrefPath = formatHrefPath(listing.pathSegments);
  let part = `{"path":${formatJsonString(formatDisplayPath(listing.pathSegments))},"entries":[`;
  let separator = "\n";
  for (const entry of sortEntries(listing.entries, order)) {
    part += separator + formatEntry(entry, hrefPath);
    separator = ",\n";
    if (part.length >= PART_LENGTH) {
      yield part;
      part = "";
    }
  }
  yield `${part}]}\n`;
}

export function formatListingJson(listing: Listing, order: ListingOrder): string {
  return [...listingJsonParts(listing, order)].join("");
}
