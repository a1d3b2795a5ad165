// Which of a folder's files is its README, and the part of the page that shows it. Pure. Called by
// server/readme-files.ts, which opens and reads the file.

import { escapeHtml } from "../http/page-text.ts";
import { type DirectoryEntry, formatDisplayName, formatEntryHref } from "./listing-entry.ts";
import type { MarkdownPage } from "./markdown-page.ts";

/** Whatever their case; the first that a folder has is its README. */
const README_NAMES = ["readme.md", "readme.markdown", "readme.txt", "readme"];
const NAME_LENGTH_MAX = Math.max(...README_NAMES.map(({ length }) => length));
const NAME_LENGTH_MIN = Math.min(...README_NAMES.map(({ length }) => length));

/** The files that may be the folder's README, the likeliest first. */
export function findReadmes(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const found: { entry: DirectoryEntry; place: number }[] = [];
  for (const entry of entries) {
    const { kind, byteName } = entry;
    // Most names are told by their length: this is looked at for each of a hundred thousand.
    if (byteName.length < NAME_LENGTH_MIN || byteName.length > NAME_LENGTH_MAX) continue;
    const place = README_NAMES.indexOf(byteName.toLowerCase());
    if (kind === "file" && place >= 0) found.push({ entry, place });
  }
  return found.sort((a, b) => a.place - b.place).map(({ entry }) => entry);
}

/** @param html of the content, safe to show */
function formatSection(entry: DirectoryEntry, hrefPath: string, html: string): string {
  const name = escapeHtml(formatDisplayName(entry.byteName));
  const href = formatEntryHref(hrefPath, entry);
  return `<section class="readme" aria-label="${name}">
<p class="text"><a href="${href}">${name}</a></p>
<div class="md" dir="auto">${html}</div>
</section>
`;
}

/** A README that is only linked. */
export function formatLongReadme(entry: DirectoryEntry, hrefPath: string): string {
  const href = formatEntryHref(hrefPath, entry);
  return formatSection(
    entry,
    hrefPath,
    `<p>It is too long to be shown here. <a href="${href}">Open it by itself</a></p>`,
  );
}

/** @param bytes of the file; what is not UTF-8 in them becomes U+FFFD */
export function formatReadme(
  markdown: MarkdownPage,
  entry: DirectoryEntry,
  hrefPath: string,
  bytes: Uint8Array,
): string {
  const text = new TextDecoder().decode(bytes);
  const isMarkdown = /\.(md|markdown)$/i.test(entry.byteName);
  const html = isMarkdown ? markdown.render(text) : undefined;
  return formatSection(entry, hrefPath, html ?? formatPlainText(text));
}

function formatPlainText(text: string): string {
  return `<pre class="text">${escapeHtml(text)}</pre>`;
}
