// A listing for programs. Pure. The server streams the parts; the shape is part of what users see.

import { formatJsonString } from "../http/page-text.ts";
import {
  type DirectoryEntry,
  decodeName,
  formatDisplayPath,
  formatEntryHref,
  isPlainName,
} from "./listing-entry.ts";
import type { ListingForm, Row } from "./listing-form.ts";
import { formatModified } from "./listing-text.ts";

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

/** One line for each entry. */
export const jsonForm: ListingForm = {
  name: "json",
  separator: ",\n",
  formatBeginning: (pathSegments) =>
    `{"path":${formatJsonString(formatDisplayPath(pathSegments))},"entries":[`,
  formatRowsBeginning: ({ content }) => (content.entries.length > 0 ? "\n" : ""),
  formatRow,
  formatHits: String,
  formatEnd: () => "]}\n",
};
