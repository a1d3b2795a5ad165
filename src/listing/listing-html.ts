// A listing as a page: whole in one request (style, script and icons are inside), and working where
// scripts are off. Pure. The server streams the parts, with LISTING_CONTENT_SECURITY_POLICY. Its rows
// are listing-row.ts's.

import { PAGE_ICON_URL, WEIR_MARK_PATHS } from "../http/page-style.ts";
import { escapeHtml } from "../http/page-text.ts";
import {
  type FolderContent,
  formatDisplayName,
  formatDisplayPath,
  formatHrefPath,
  type Listing,
} from "./listing-entry.ts";
import type { ListingForm } from "./listing-form.ts";
import { formatHtmlHits, formatHtmlRow } from "./listing-row.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";
import { LISTING_STYLE } from "./listing-style.ts";
import { formatCount, formatSize } from "./listing-text.ts";
import type { ListingColumn, ListingOrder } from "./sort-entries.ts";

export interface HtmlFormOptions {
  /** From when the times in the rows are told. */
  readonly nowMs: number;
  /** Whether the folder can be had as a zip. */
  readonly hasZip: boolean;
}

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
<body>
<main>
`;
}

/** Each folder on the way from the root as a link; the last is the page itself. */
function formatBreadcrumbs(pathSegments: readonly string[]): string {
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
function formatTotals({ entries, directoryCount, sizeBytes }: FolderContent): string {
  const fileCount = entries.length - directoryCount;
  const totals: string[] = [];
  if (directoryCount > 0) totals.push(formatCount(directoryCount, "folder", "folders"));
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

/** Nothing is to be found among fewer. */
const FILTERED_ENTRIES_MIN = 2;

function hasFilter({ content }: Listing): boolean {
  return content.entries.length >= FILTERED_ENTRIES_MIN;
}

/** Hidden until the script shows it: without that it would be of no use. */
const FILTER_FIELD = `<div class="find seek" role="search" hidden><input type="search" placeholder="Filter" aria-label="Filter by name" aria-keyshortcuts="/" autocomplete="off" autocapitalize="off" spellcheck="false"><kbd aria-hidden="true">/</kbd><output aria-live="polite"></output></div>
`;
const ZIP_LINK =
  '<a class="get down" href="?download=zip" download><span>Download as </span>zip</a>\n';

function formatFoot(order: ListingOrder): string {
  return `<footer><span><svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>weir</span><a href="?format=json&amp;sort=${order.by}&amp;order=${order.order}">JSON</a></footer>
</main>
<script>${LISTING_SCRIPT}</script>
</body>
</html>
`;
}

function formatBeginning(pathSegments: readonly string[]): string {
  return `${formatHead(formatDisplayPath(pathSegments))}<header>\n${formatBreadcrumbs(pathSegments)}`;
}

function hasTable({ pathSegments, content }: Listing): boolean {
  return pathSegments.length > 0 || content.entries.length > 0;
}

/** The totals, what can be done with the list, and the head of the table. */
function formatRowsBeginning(listing: Listing, order: ListingOrder, hasZip: boolean): string {
  const { entries, isComplete } = listing.content;
  let text = formatTotals(listing.content);
  if (hasFilter(listing)) text += FILTER_FIELD;
  if (hasZip && entries.length > 0) text += ZIP_LINK;
  if (!isComplete) {
    text += `<p class="note">This folder holds more than the ${formatCount(entries.length, "entry", "entries")} shown here; the others can be opened by name.</p>\n`;
  }
  text += `</header>\n<div class="sheet">\n`;
  if (hasTable(listing)) text += formatTableHead(order);
  if (listing.pathSegments.length > 0) {
    text += `<tr><td class="up"><a href="../"><bdi>Parent folder</bdi></a></td></tr>\n`;
  }
  return text;
}

function formatEnd(listing: Listing, order: ListingOrder): string {
  let text = hasTable(listing) ? "</tbody>\n</table>\n" : "";
  if (listing.content.entries.length === 0) text += '<p class="none">This folder is empty.</p>\n';
  else if (hasFilter(listing)) text += '<p class="none" hidden>No name here matches.</p>\n';
  return `${text}</div>\n${listing.readme ?? ""}${formatFoot(order)}`;
}

/** The page as it is at a moment: the times in it are told from then. */
export function createHtmlForm({ nowMs, hasZip }: HtmlFormOptions): ListingForm {
  return {
    name: "html",
    separator: "",
    formatBeginning,
    formatRowsBeginning: (listing, order) => formatRowsBeginning(listing, order, hasZip),
    formatRow: (entry, hrefPath) => formatHtmlRow(entry, hrefPath, nowMs),
    formatHits: formatHtmlHits,
    formatEnd,
  };
}
