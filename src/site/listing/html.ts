// A listing as a page. One request gets all of it (style, script and icons are inside), and it works where
// scripts are off. Pure. The server streams the parts, with LISTING_CONTENT_SECURITY_POLICY. row.ts makes
// the rows.
//
// All addresses are relative, so the page works under any prefix that a proxy gives it. Its links lead to
// the entries, to each once. What is for people (orders, the filter, JSON, a zip) is a button of a form,
// because mirrors and crawlers follow no forms.

import { formatPageHead, WEIR_MARK_PATHS } from "../../page/style.ts";
import { escapeHtml } from "../../page/text.ts";
import { type FolderTotals, formatDisplayName, formatDisplayPath } from "./entry.ts";
import type { ListingFacts, ListingForm } from "./form.ts";
import type { ListingColumn, ListingOrder } from "./order.ts";
import { formatPageHref, keptFields, type ListingQuery } from "./query.ts";
import { formatCount, formatGrouped, formatHtmlHits, formatHtmlRow, formatSize } from "./row.ts";
import { LISTING_SCRIPT } from "./script.ts";
import { LISTING_STYLE } from "./style.ts";

export interface HtmlFormOptions {
  /** The moment from which the times in the rows are counted. */
  readonly nowMs: number;
  /** Whether the folder is offered as a zip. */
  readonly hasZip: boolean;
}

interface Column {
  readonly by: ListingColumn;
  readonly title: string;
  /** Class of the column's cells. */
  readonly cell: string;
  /** The order after the first click: people look for the largest, latest and most wanted first. */
  readonly firstOrder: "asc" | "desc";
}

const COLUMNS: readonly Column[] = [
  { by: "name", title: "Name", cell: "n", firstOrder: "asc" },
  { by: "size", title: "Size", cell: "s", firstOrder: "desc" },
  { by: "modified", title: "Modified", cell: "m", firstOrder: "desc" },
  { by: "hits", title: "Hits", cell: "h", firstOrder: "desc" },
];

function formatHead(path: string): string {
  return `${formatPageHead(`Index of ${escapeHtml(path)}`, LISTING_STYLE)}<body>
<main>
`;
}

/** From a folder to the one so many levels above it. */
function formatUpHref(levels: number): string {
  return levels === 0 ? "./" : "../".repeat(levels);
}

/** Each folder on the way from the root is a link; the last is the page itself. */
function formatBreadcrumbs(pathSegments: readonly string[]): string {
  const current = ' aria-current="page"';
  const depth = pathSegments.length;
  const links = [
    depth === 0
      ? `<a class="home" href="./"${current}>Root folder</a>`
      : `<a class="home" href="${formatUpHref(depth)}" aria-label="Root folder"></a>`,
  ];
  pathSegments.forEach((segment, index) => {
    const levels = depth - 1 - index;
    const name = escapeHtml(formatDisplayName(segment));
    const href = formatUpHref(levels);
    links.push(`<a href="${href}"${levels === 0 ? current : ""}><bdi>${name}</bdi></a>`);
  });
  return `<nav aria-label="Breadcrumb"><h1><small>Index of</small>${links.join("<i>/</i>")}</h1></nav>\n`;
}

/** Counts only what there is. Empty for an empty folder, which says so where the rows would be. */
function formatTotals({ entryCount, directoryCount, sizeBytes }: FolderTotals): string {
  const fileCount = entryCount - directoryCount;
  const totals: string[] = [];
  if (directoryCount > 0) totals.push(formatCount(directoryCount, "folder", "folders"));
  if (fileCount > 0) {
    const exact = formatCount(sizeBytes, "byte", "bytes");
    totals.push(formatCount(fileCount, "file", "files"));
    totals.push(`<span title="${exact}">${formatSize(sizeBytes)}</span>`);
  }
  return totals.length === 0 ? "" : `<p class="sum">${totals.join(", ")}</p>\n`;
}

function formatHidden(fields: readonly (readonly [string, string])[]): string {
  return fields
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join("");
}

/** The fields of the query, without those of the order. */
function fieldsBesideOrder(query: ListingQuery): [string, string][] {
  return keptFields(query).filter(([name]) => name !== "sort" && name !== "order");
}

function formatColumnHead(column: Column, order: ListingOrder, others: string): string {
  const isSorted = order.by === column.by;
  const turned = order.order === "asc" ? "desc" : "asc";
  const next = isSorted ? turned : column.firstOrder;
  const direction = order.order === "asc" ? "ascending" : "descending";
  const ariaSort = isSorted ? ` aria-sort="${direction}"` : "";
  return `<th scope="col" class="${column.cell}"${ariaSort}><form><button name="sort" value="${column.by}">${column.title}</button>${formatHidden([["order", next]])}${others}</form></th>`;
}

function formatTableHead(query: ListingQuery): string {
  const others = formatHidden(fieldsBesideOrder(query));
  const heads = COLUMNS.map((column) => formatColumnHead(column, query.order, others)).join("");
  return `<table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n`;
}

/** Among fewer rows a person needs no search. */
const FILTERED_ENTRIES_MIN = 2;

/** Whether the script filters while a person types: it can where the page has all the rows. */
function isFilteredHere({ query, page }: ListingFacts): boolean {
  return query.wanted === "" && (page === undefined || (page.count === 1 && page.number === 1));
}

function hasFilter({ totals }: ListingFacts): boolean {
  return totals.entryCount >= FILTERED_ENTRIES_MIN;
}

/** A form: the server filters what is sent, so it works without the script as well. */
function formatFilter(facts: ListingFacts): string {
  const { query, totals } = facts;
  const isHere = isFilteredHere(facts);
  const hint = isHere ? "Filter" : `Find in ${formatGrouped(totals.entryCount)} names`;
  const others = formatHidden(keptFields(query).filter(([name]) => name !== "q"));
  return `<form class="find seek${isHere ? " live" : ""}" role="search"><input type="search" name="q" value="${escapeHtml(query.wanted)}" placeholder="${hint}" aria-label="Filter by name" aria-keyshortcuts="/" maxlength="255" autocomplete="off" autocapitalize="off" spellcheck="false"><kbd aria-hidden="true">/</kbd><output aria-live="polite"></output>${others}</form>
`;
}

const ZIP_BUTTON =
  '<form><button class="get down" name="download" value="zip"><span>Download as </span>zip</button></form>\n';

function formatFoot(query: ListingQuery): string {
  return `<footer><span><svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>weir</span><form><button name="format" value="json">JSON</button>${formatHidden(keptFields(query))}</form></footer>
</main>
<script>${LISTING_SCRIPT}</script>
</body>
</html>
`;
}

function formatBeginning(pathSegments: readonly string[]): string {
  return `${formatHead(formatDisplayPath(pathSegments))}<header>\n${formatBreadcrumbs(pathSegments)}`;
}

function hasTable({ pathSegments, totals }: ListingFacts): boolean {
  return pathSegments.length > 0 || totals.entryCount > 0;
}

/** The totals, the actions, and the head of the table. */
function formatRowsBeginning(facts: ListingFacts, hasZip: boolean): string {
  let text = formatTotals(facts.totals);
  if (hasFilter(facts)) text += formatFilter(facts);
  if (hasZip && facts.totals.entryCount > 0) text += ZIP_BUTTON;
  text += `${formatShownNote(facts)}</header>\n<div class="sheet">\n`;
  if (hasTable(facts)) text += formatTableHead(facts.query);
  if (facts.pathSegments.length > 0) {
    text += `<tr><td class="up"><a href="../"><bdi>Parent folder</bdi></a></td></tr>\n`;
  }
  return text;
}

function formatRowsEnd(facts: ListingFacts): string {
  let text = hasTable(facts) ? "</tbody>\n</table>\n" : "";
  if (facts.totals.entryCount === 0) text += '<p class="none">This folder is empty.</p>\n';
  else if (facts.query.wanted !== "" && facts.matchCount === 0) {
    text += '<p class="none">No name here matches.</p>\n';
  } else if (hasFilter(facts)) text += '<p class="none" hidden>No name here matches.</p>\n';
  return `${text}</div>\n${formatPageLinks(facts)}`;
}

/** The page as it is at one moment: the times in it are counted from then. */
export function createHtmlForm({ nowMs, hasZip }: HtmlFormOptions): ListingForm {
  return {
    name: "html",
    rowsKey: "html",
    separator: "",
    showsShare: true,
    formatBeginning,
    formatRowsBeginning: (facts) => formatRowsBeginning(facts, hasZip),
    formatRow: (entry) => formatHtmlRow(entry, nowMs),
    formatHits: formatHtmlHits,
    formatRowsEnd,
    formatEnd: ({ query }) => formatFoot(query),
  };
}

/** `1,001–2,000 of 5,000`, and whether some are missing; "" where all entries are shown. */
function formatShownNote(facts: ListingFacts): string {
  const { query, totals, matchCount, page, rowCount } = facts;
  const notes: string[] = [];
  if (query.wanted !== "") {
    const entries = formatCount(totals.entryCount, "name", "names");
    notes.push(
      `${formatGrouped(matchCount)} of ${entries} match <b>${escapeHtml(query.wanted)}</b>. <a href="./">Show all</a>`,
    );
  }
  if (page !== undefined && page.number > page.count) {
    notes.push(`There is no page ${page.number}: the last one is ${page.count}.`);
  } else if (page !== undefined && page.count > 1) {
    const first = (page.number - 1) * page.entriesPerPage;
    notes.push(
      `Page ${page.number} of ${page.count}: names ${formatGrouped(first + 1)} to ${formatGrouped(first + rowCount)} of ${formatGrouped(matchCount)}.`,
    );
  }
  if (totals.unreadCount > 0) {
    const all = formatGrouped(totals.entryCount + totals.unreadCount);
    notes.push(
      `This folder holds more than the ${formatCount(totals.entryCount, "entry", "entries")} listed here, ${all} in all; the others can be opened by name.`,
    );
  }
  return notes.map((note) => `<p class="note">${note}</p>\n`).join("");
}

/**
 * Links to every other page, so that each is one step away; "" where there is only one. They are links
 * and not buttons, because a program that mirrors a folder has to find all its names.
 */
function formatPageLinks({ query, page }: ListingFacts): string {
  if (page === undefined || (page.count === 1 && page.number === 1)) return "";
  const { number, count } = page;
  const link = (to: number, text: string, rel = "") =>
    `<a href="${escapeHtml(formatPageHref(query, to))}"${rel === "" ? "" : ` rel="${rel}"`}>${text}</a>`;
  const links: string[] = [];
  if (number > 1) links.push(link(Math.min(number - 1, count), "Previous", "prev"));
  for (let to = 1; to <= count; to++) {
    links.push(
      to === number
        ? `<a href="${escapeHtml(formatPageHref(query, to))}" aria-current="page">${to}</a>`
        : link(to, String(to)),
    );
  }
  if (number < count) links.push(link(number + 1, "Next", "next"));
  return `<nav class="pages" aria-label="Pages">${links.join("\n")}</nav>\n`;
}
