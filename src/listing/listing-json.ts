// A listing for programs. Pure. The server streams the parts; the shape is part of what users see.

import { formatJsonString } from "../http/page-text.ts";
import {
  type DirectoryEntry,
  decodeName,
  formatDisplayPath,
  formatEntryHref,
  isPlainName,
} from "./listing-entry.ts";
import type { ListingFacts, ListingForm, Row } from "./listing-form.ts";
import { formatModified } from "./listing-row.ts";

export interface JsonFormOptions {
  /** The prefix of all the server's paths in the addresses that clients use; "" if there is none. */
  readonly prefix: string;
  /** Whether other listings have the same prefix. */
  readonly isShared: boolean;
}

function formatRow(entry: DirectoryEntry, hrefPath: string): Row {
  const { byteName, kind, sizeBytes } = entry;
  // The name is the name itself, not its display form: a program wants what the file is called.
  const name = isPlainName(byteName) ? `"${byteName}"` : formatJsonString(decodeName(byteName));
  const size = sizeBytes === undefined ? "" : `"size":${sizeBytes},`;
  return {
    before: `{"name":${name},"type":"${kind}",${size}"modified":"${formatModified(entry.modifiedMs)}","hits":`,
    after: `,"href":"${formatEntryHref(hrefPath, entry)}"}`,
  };
}

/** Only what there is to say: the fields of a whole listing of all entries are fixed. */
function formatEnd({ query, totals, matchCount, page }: ListingFacts): string {
  let end = "]";
  if (query.wanted !== "") end += `,"q":${formatJsonString(query.wanted)}`;
  if (page !== undefined) {
    end += `,"page":${page.number},"pages":${page.count},"perPage":${page.entriesPerPage}`;
  }
  if (totals.unreadCount > 0) end += ',"truncated":true';
  const isAll = query.wanted === "" && page === undefined && totals.unreadCount === 0;
  if (!isAll) end += `,"total":${countAll(totals, matchCount)}`;
  return `${end}}\n`;
}

/** In a folder with too many names: all of them, as far as they were counted. */
function countAll({ entryCount, unreadCount }: ListingFacts["totals"], matchCount: number): number {
  return matchCount === entryCount ? entryCount + unreadCount : matchCount;
}

/** One line for each entry. */
export function createJsonForm({ prefix, isShared }: JsonFormOptions): ListingForm {
  return {
    name: "json",
    rowsKey: isShared ? "json" : undefined,
    separator: ",\n",
    showsShare: false,
    formatBeginning: (pathSegments) =>
      `{"path":${formatJsonString(formatDisplayPath(pathSegments))},"entries":[`,
    formatRowsBeginning: ({ rowCount }) => (rowCount > 0 ? "\n" : ""),
    formatRow: (entry, hrefPath) => formatRow(entry, prefix + hrefPath),
    formatHits: String,
    formatRowsEnd: () => "",
    formatEnd,
  };
}
