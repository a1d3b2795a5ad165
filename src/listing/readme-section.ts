// Which of a folder's files is its README, and the part of the page that shows it. Pure. Called by
// server/readme-files.ts, which opens and reads the file.

import { escapeHtml } from "../http/page-text.ts";
import { type DirectoryEntry, formatDisplayName, formatEntryHref } from "./listing-entry.ts";
import type { MarkdownPage } from "./markdown-page.ts";

/** Whatever their case; the first that a folder has is its README. */
const README_NAMES = ["readme.md", "readme.markdown", "readme.txt", "readme"];
const NAME_LENGTH_MAX = Math.max(...README_NAMES.map(({ length }) => length));
const NAME_LENGTH_MIN = Math.min(...README_NAMES.map(({ length }) => length));

export function isReadmeName(byteName: string): boolean {
  // Most names are told by their length: this is looked at for each of a hundred thousand.
  if (byteName.length < NAME_LENGTH_MIN || byteName.length > NAME_LENGTH_MAX) return false;
  return README_NAMES.includes(byteName.toLowerCase());
}

/** The files that may be the folder's README, the likeliest first. */
export function findReadmes(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const place = ({ byteName }: DirectoryEntry) => README_NAMES.indexOf(byteName.toLowerCase());
  return entries
    .filter(({ kind, byteName }) => kind === "file" && isReadmeName(byteName))
    .sort((a, b) => place(a) - place(b));
}

/** @param html of the content, safe to show */
function formatSection(entry: DirectoryEntry, html: string): string {
  const name = escapeHtml(formatDisplayName(entry.byteName));
  const href = formatEntryHref("", entry);
  return `<section class="readme" aria-label="${name}">
<p class="text"><a href="${href}">${name}</a></p>
<div class="md" dir="auto">${html}</div>
</section>
`;
}

const LINK_REASONS = {
  long: "It is too long to be shown here.",
  changing: "It was being changed at this moment.",
} as const;

/** A README that is only linked. */
export function formatLinkedReadme(
  entry: DirectoryEntry,
  reason: keyof typeof LINK_REASONS,
): string {
  const href = formatEntryHref("", entry);
  return formatSection(
    entry,
    `<p>${LINK_REASONS[reason]} <a href="${href}">Open it by itself</a></p>`,
  );
}

/** @param bytes of the file; what is not UTF-8 in them becomes U+FFFD */
export function formatReadme(
  markdown: MarkdownPage,
  entry: DirectoryEntry,
  bytes: Uint8Array,
): string {
  const text = new TextDecoder().decode(bytes);
  const isMarkdown = /\.(md|markdown)$/i.test(entry.byteName);
  const html = isMarkdown ? markdown.render(text) : undefined;
  return formatSection(entry, html ?? formatPlainText(text));
}

function formatPlainText(text: string): string {
  return `<pre class="text">${escapeHtml(text)}</pre>`;
}
