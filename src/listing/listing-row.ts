// The rows of a listing page: a name with its link and picture, size, time, and the hits, which are put
// in last because they change all the time. Pure. Called by listing-html.ts, for a hundred thousand
// entries too, so what a row needs is put together in one go.

import { escapeHtml } from "../http/page-text.ts";
import {
  type DirectoryEntry,
  formatDisplayName,
  formatEntryHref,
  isPlainName,
} from "./listing-entry.ts";
import type { Row } from "./listing-form.ts";
import { decideIcon, isShownAsPicture } from "./listing-icon.ts";
import { formatCount, formatExactTime, formatModified, formatSize } from "./listing-text.ts";
import { formatRelativeTime } from "./relative-time.ts";

/** A row but for its hits. */
export function formatHtmlRow(entry: DirectoryEntry, nowMs: number): Row {
  const { byteName } = entry;
  const href = formatEntryHref("", entry);
  const name = isPlainName(byteName) ? byteName : escapeHtml(formatDisplayName(byteName));
  const slash = entry.kind === "directory" ? "/" : "";
  const link = `<a href="${href}"><bdi>${name}${slash}</bdi></a>`;
  // What shows a picture in its row is made by the script, when it is opened (listing-script.ts).
  const cell = isShownAsPicture(entry) ? "img pic" : decideIcon(entry);
  return {
    before: `<tr><td class="${cell}">${link}</td>${formatSizeCell(entry.sizeBytes)}<td class="m">${formatTime(entry.modifiedMs, nowMs)}</td><td class="h">`,
    after: "</td></tr>\n",
  };
}

function formatSizeCell(sizeBytes: number | undefined): string {
  if (sizeBytes === undefined) return '<td class="s">–</td>';
  return `<td class="s" title="${formatCount(sizeBytes, "byte", "bytes")}">${formatSize(sizeBytes)}</td>`;
}

function formatTime(modifiedMs: number, nowMs: number): string {
  const modified = formatModified(modifiedMs);
  return `<time datetime="${modified}" title="${formatExactTime(modified)}">${formatRelativeTime(modifiedMs, nowMs)}</time>`;
}

/** The hits with a bar beside them, as long as their share of the most. */
export function formatHtmlHits(hits: number, hitsMax: number): string {
  return hits === 0 ? "0" : `<span>${formatBar((100 * hits) / hitsMax)}${hits}</span>`;
}

/** The length is an attribute of SVG, not of style: the policy would shut that out. */
function formatBar(percentOfMost: number): string {
  const percent = Math.max(percentOfMost, 4); // a single hit can be told from none
  return `<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${percent.toFixed(1)}" height="1"/></svg>`;
}
