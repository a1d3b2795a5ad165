// The parts that reports are made of: tables, figures in tiles, notes. All texts are escaped here.
// Pure.

import { escapeHtml } from "../http/page-text.ts";
import { escapeText } from "./report-page.ts";

export interface Table {
  /** What the table is, for a screen reader, and for who opens it where it is long. */
  readonly caption: string;
  readonly heads: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

/** More rows than that are folded. */
const openRowCountMax = 12;

export function formatHtmlTable(table: Table): string {
  const { caption, heads, rows } = table;
  const head = heads.map((text) => `<th scope="col">${escapeText(text)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(formatCell).join("")}</tr>`);
  // What may be scrolled must be reached by the keyboard (WCAG 2.2, 2.1.1).
  const html = `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
  if (rows.length <= openRowCountMax) return html;
  return `<details><summary>${escapeText(caption)}, ${rows.length} rows</summary>${html}</details>`;
}

function formatCell(text: string, index: number): string {
  return index === 0 ? `<th scope="row">${escapeText(text)}</th>` : `<td>${escapeText(text)}</td>`;
}

/** Names and texts of any length, one below the other. */
export function formatFacts(facts: readonly (readonly [name: string, text: string])[]): string {
  const rows = facts.map(
    ([name, text]) =>
      `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(text)}</td></tr>`,
  );
  return `<table class="facts"><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

/** The few figures that matter most, large. */
export function formatTiles(tiles: readonly (readonly [name: string, figure: string])[]): string {
  const items = tiles.map(
    ([name, figure]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(figure)}</dd></div>`,
  );
  return `<dl class="tiles">${items.join("")}</dl>`;
}

export function formatParagraph(text: string, kind?: "lead" | "quiet"): string {
  return `<p${kind === undefined ? "" : ` class="${kind}"`}>${escapeText(text)}</p>`;
}

/** Nothing where there is nothing to note. */
export function formatNotes(notes: readonly string[]): string {
  if (notes.length === 0) return "";
  return `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join("")}</ul>`;
}
