// A listing for programs. Pure. The server streams the parts. Its shape is part of the public interface.

import { formatJsonString } from "../../page/text.ts";
import {
  type DirectoryEntry,
  decodeName,
  formatDisplayPath,
  formatEntryHref,
  isPlainName,
} from "./entry.ts";
import type { ListingFacts, ListingForm, Row } from "./form.ts";
import { formatModified } from "./row.ts";

export interface JsonFormOptions {
  /** The prefix of all of the server's paths, as clients see it; "" if there is none. */
  readonly prefix: string;
  /** Whether other listings have the same prefix. */
  readonly isShared: boolean;
}

function formatRow(entry: DirectoryEntry, hrefPath: string): Row {
  const { byteName, kind, sizeBytes } = entry;
  // The name itself, not its display form: a program needs the real name of the file.
  const name = isPlainName(byteName) ? `"${byteName}"` : formatJsonString(decodeName(byteName));
  const size = sizeBytes === undefined ? "" : `"size":${sizeBytes},`;
  return {
    before: `{"name":${name},"type":"${kind}",${size}"modified":"${formatModified(entry.modifiedMs)}","hits":`,
    after: `,"href":"${formatEntryHref(hrefPath, entry)}"}`,
  };
}

/** Fields are added only where they say something: those of a complete listing are fixed. */
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

/** In a folder with too many names this is all of them, as far as they were counted. */
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
