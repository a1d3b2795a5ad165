// One report as one HTML file that needs nothing else: style and plots are inline, there is no script,
// and the policy in its head lets the browser fetch nothing. The parts are tables, tiles with figures,
// and notes; every text is escaped here. Pure. Used by the pages of `weir load` and `weir lab`.

import { formatContentSecurityPolicy, formatPageHead, WEIR_MARK_PATHS } from "../../page/style.ts";
import { escapeHtml, formatVisible } from "../../page/text.ts";
import { REPORT_STYLE } from "./page-style.ts";

export interface Section {
  /** Unique on the page; the links of the page point to it. */
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

export interface ReportPage {
  readonly title: string;
  readonly heading: string;
  /** HTML below the heading. */
  readonly leadHtml: string;
  readonly sections: readonly Section[];
  /** ISO 8601. */
  readonly started: string;
}

/** The whole page, as one HTML document. */
export function formatReportPage(page: ReportPage): string {
  const links = page.sections.map(({ id, title }) => `<a href="#${id}">${escapeText(title)}</a>`);
  const sections = page.sections.map(
    ({ id, title, html }) =>
      `<section id="${id}" aria-labelledby="${id}-heading">\n<h2 id="${id}-heading">${escapeText(title)}</h2>\n${html}\n</section>`,
  );
  const policy = formatContentSecurityPolicy(REPORT_STYLE, { isInPage: true });
  return `${formatPageHead(escapeText(page.title), REPORT_STYLE, policy)}<body>
<main>
<header>
<svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>
<h1>${escapeText(page.heading)}</h1>
${page.leadHtml}
<nav aria-label="Parts of this page">${links.join("")}</nav>
</header>
${sections.join("\n")}
<footer>Measured by weir, ${formatMoment(page.started)}.</footer>
</main>
</body>
</html>
`;
}

/** Any text as the content of an element: escaped, with nothing hidden in it. */
export function escapeText(text: string): string {
  return escapeHtml(formatVisible(text));
}

/** The time by the clock of the machine that measured, in UTC. */
function formatMoment(isoTime: string): string {
  const readable = isoTime.replace("T", " ").replace(/\.\d+Z$/, " UTC");
  return `<time datetime="${escapeHtml(isoTime)}">${escapeText(readable)}</time>`;
}

export interface Table {
  /** What the table shows, for screen readers, and for people who unfold a long table. */
  readonly caption: string;
  readonly heads: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

/** A table with more rows is folded. */
const OPEN_ROW_COUNT_MAX = 12;

/** A table that scrolls sideways if it is too wide, and is folded if it is long. */
export function formatHtmlTable(table: Table): string {
  const { caption, heads, rows } = table;
  const head = heads.map((text) => `<th scope="col">${escapeText(text)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(formatCell).join("")}</tr>`);
  // The keyboard must reach everything that scrolls (WCAG 2.2, 2.1.1).
  const html = `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
  if (rows.length <= OPEN_ROW_COUNT_MAX) return html;
  return `<details><summary>${escapeText(caption)}, ${rows.length} rows</summary>${html}</details>`;
}

function formatCell(text: string, index: number): string {
  return index === 0 ? `<th scope="row">${escapeText(text)}</th>` : `<td>${escapeText(text)}</td>`;
}

/** Pairs of a name and a text of any length, one below the other. */
export function formatFacts(facts: readonly (readonly [name: string, text: string])[]): string {
  const rows = facts.map(
    ([name, text]) =>
      `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(text)}</td></tr>`,
  );
  return `<table class="facts"><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

/** The figures that matter most, large. */
export function formatTiles(tiles: readonly (readonly [name: string, figure: string])[]): string {
  const items = tiles.map(
    ([name, figure]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(figure)}</dd></div>`,
  );
  return `<dl class="tiles">${items.join("")}</dl>`;
}

/** A paragraph of plain text. */
export function formatParagraph(text: string, kind?: "lead" | "quiet"): string {
  return `<p${kind === undefined ? "" : ` class="${kind}"`}>${escapeText(text)}</p>`;
}

/** Empty when there is nothing to note. */
export function formatNotes(notes: readonly string[]): string {
  if (notes.length === 0) return "";
  return `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join("")}</ul>`;
}
