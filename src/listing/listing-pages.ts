// What a listing page says about the pages of a long folder, and the links between them. Pure. Called by
// listing-html.ts. These are links and no buttons: whoever mirrors a folder has to come to all its names.

import { escapeHtml } from "../http/page-text.ts";
import type { ListingFacts } from "./listing-form.ts";
import { formatPageHref } from "./listing-query.ts";
import { formatCount, formatGrouped } from "./listing-text.ts";

/** `1,001–2,000 of 5,000`, and that some are missing; "" where all entries are shown. */
export function formatShownNote(facts: ListingFacts): string {
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

/** Links to every other page, so that each is one step away; "" where there is only one. */
export function formatPageLinks({ query, page }: ListingFacts): string {
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
