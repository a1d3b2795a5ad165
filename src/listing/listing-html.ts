// A listing as a page: whole in one request (style, pictures and icon are inside), and working where
// scripts are off. Pure. The server streams the parts, with LISTING_CONTENT_SECURITY_POLICY.

import { PAGE_ICON_URL, WEIR_MARK_PATHS } from "../http/page-style.ts";
import { escapeHtml } from "../http/page-text.ts";
import {
  formatDisplayName,
  formatDisplayPath,
  formatEntryHref,
  formatHrefPath,
  formatModified,
  type Listing,
  type ListingEntry,
} from "./listing-entry.ts";
import { decideIcon } from "./listing-icon.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";
import { LISTING_STYLE } from "./listing-style.ts";
import { formatCount, formatMinute, formatSize } from "./listing-text.ts";
import { type ListingColumn, type ListingOrder, sortEntries } from "./sort-entries.ts";

export interface ListingHtmlOptions {
  /** false when the folder holds more than was read; the page then says so. */
  readonly isComplete?: boolean;
}

/** How long a part is before it is handed on: few writes, and little held for a slow client. */
const PART_LENGTH = 48 * 1024;

interface Column {
  readonly by: ListingColumn;
  readonly title: string;
  /** Class of the column's cells. */
  readonly cell: string;
  /** What the first click asks for: the largest, latest and most wanted are looked for first. */
  readonly firstOrder: "asc" | "desc";
}

const COLUMNS: readonly Column[] = [
  { by: "name", title: "Name", cell: "n", firstOrder: "asc" },
  { by: "size", title: "Size", cell: "s", firstOrder: "desc" },
  { by: "modified", title: "Modified", cell: "m", firstOrder: "desc" },
  { by: "hits", title: "Hits", cell: "h", firstOrder: "desc" },
];

function formatHead(path: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Index of ${escapeHtml(path)}</title>
<link rel="icon" href="${PAGE_ICON_URL}">
<style>${LISTING_STYLE}</style>
</head>
<body onpageshow="${LISTING_SCRIPT}">
<main>
`;
}

/** Each folder on the way from the root as a link; the last is the page itself. */
function formatBreadcrumbs(pathSegments: readonly Buffer[]): string {
  const current = ' aria-current="page"';
  const isRoot = pathSegments.length === 0;
  const links = [
    isRoot
      ? `<a class="home" href="/"${current}>Root folder</a>`
      : '<a class="home" href="/" aria-label="Root folder"></a>',
  ];
  pathSegments.forEach((segment, index) => {
    const href = formatHrefPath(pathSegments.slice(0, index + 1));
    const isLast = index === pathSegments.length - 1;
    const name = escapeHtml(formatDisplayName(segment));
    links.push(`<a href="${href}"${isLast ? current : ""}><bdi>${name}</bdi></a>`);
  });
  return `<nav aria-label="Breadcrumb"><h1><small>Index of</small>${links.join("<i>/</i>")}</h1></nav>\n`;
}

/** Only of what there is; nothing for an empty folder, which says so where the rows would be. */
function formatTotals(entries: readonly ListingEntry[]): string {
  let folderCount = 0;
  let sizeBytes = 0;
  for (const entry of entries) {
    if (entry.kind === "directory") folderCount++;
    sizeBytes += entry.sizeBytes ?? 0;
  }
  const fileCount = entries.length - folderCount;
  const totals: string[] = [];
  if (folderCount > 0) totals.push(formatCount(folderCount, "folder", "folders"));
  if (fileCount > 0) {
    const exact = formatCount(sizeBytes, "byte", "bytes");
    totals.push(formatCount(fileCount, "file", "files"));
    totals.push(`<span title="${exact}">${formatSize(sizeBytes)}</span>`);
  }
  return totals.length === 0 ? "" : `<p class="sum">${totals.join(", ")}</p>\n`;
}

function formatColumnHead(column: Column, order: ListingOrder): string {
  const isSorted = order.by === column.by;
  const turned = order.order === "asc" ? "desc" : "asc";
  const next = isSorted ? turned : column.firstOrder;
  const direction = order.order === "asc" ? "ascending" : "descending";
  const ariaSort = isSorted ? ` aria-sort="${direction}"` : "";
  return `<th scope="col" class="${column.cell}"${ariaSort}><a href="?sort=${column.by}&amp;order=${next}">${column.title}</a></th>`;
}

function formatTableHead(order: ListingOrder): string {
  const heads = COLUMNS.map((column) => formatColumnHead(column, order)).join("");
  return `<table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n`;
}

/** The length is an attribute of SVG, not of style: the policy would shut that out. */
function formatBar(percentOfMost: number): string {
  const percent = Math.max(percentOfMost, 4); // a single hit can be told from none
  return `<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${percent.toFixed(1)}" height="1"/></svg>`;
}

function formatRow(entry: ListingEntry, hrefPath: string, hitsMax: number): string {
  const href = formatEntryHref(hrefPath, entry);
  const slash = entry.kind === "directory" ? "/" : "";
  const name = escapeHtml(formatDisplayName(entry.nameBytes)) + slash;
  const modified = formatModified(entry.modifiedMs);
  const size =
    entry.sizeBytes === undefined
      ? '<td class="s">–</td>'
      : `<td class="s" title="${formatCount(entry.sizeBytes, "byte", "bytes")}">${formatSize(entry.sizeBytes)}</td>`;
  const hits =
    entry.hits === 0 ? "0" : `<span>${formatBar((100 * entry.hits) / hitsMax)}${entry.hits}</span>`;
  return `<tr><td class="${decideIcon(entry)}"><a href="${href}"><bdi>${name}</bdi></a></td>${size}<td class="m"><time datetime="${modified}">${formatMinute(modified)}</time></td><td class="h">${hits}</td></tr>\n`;
}

function formatFoot(order: ListingOrder): string {
  return `</div>
<footer><span><svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>weir</span><p class="m">Times are in UTC</p><a href="?format=json&amp;sort=${order.by}&amp;order=${order.order}">JSON</a></footer>
</main>
</body>
</html>
`;
}

/** The page in parts of about 48 Ki characters, the entries sorted by `order`. */
export function* listingHtmlParts(
  listing: Listing,
  order: ListingOrder,
  options: ListingHtmlOptions = {},
): Generator<string> {
  const { pathSegments, entries } = listing;
  const hrefPath = formatHrefPath(pathSegments);
  let part = `${formatHead(formatDisplayPath(pathSegments))}<header>\n${formatBreadcrumbs(pathSegments)}${formatTotals(entries)}`;
  if (options.isComplete === false) {
    part += `<p class="note">This folder holds more than the ${formatCount(entries.length, "entry", "entries")} shown here; the others can be opened by name.</p>\n`;
  }
  part += `</header>\n<div class="sheet">\n`;
  if (pathSegments.length > 0 || entries.length > 0) {
    part += formatTableHead(order);
    if (pathSegments.length > 0) {
      part += `<tr><td class="up"><a href="../"><bdi>Parent folder</bdi></a></td></tr>\n`;
    }
    const hitsMax = entries.reduce((most, entry) => Math.max(most, entry.hits), 1);
    for (const entry of sortEntries(entries, order)) {
      part += formatRow(entry, hrefPath, hitsMax);
      if (part.length >= PART_LENGTH) {
        yield part;
        part = "";
      }
    }
    part += "</tbody>\n</table>\n";
  }
  if (entries.length === 0) part += '<p class="none">This folder is empty.</p>\n';
  yield part + formatFoot(order);
}

export function formatListingHtml(
  listing: Listing,
  order: ListingOrder,
  options: ListingHtmlOptions = {},
): string {
  return [...listingHtmlParts(listing, order, options)].join("");
}
