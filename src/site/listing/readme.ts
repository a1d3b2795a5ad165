// The READMEs below listings. They are opened as a request would open them, read, rendered, and remembered by
// each thread until they change. Called by answer.ts. Showing one is no request for it, so it counts no
// hit.

import { RecentMap } from "../../base/recent-map.ts";
import { SourceChangedError } from "../../http/source.ts";
import { escapeHtml } from "../../page/text.ts";
import type { OpenFile } from "../file/open-file.ts";
import { openServedFile } from "../file/open-served.ts";
import { childPath, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { type DirectoryEntry, formatDisplayName, formatEntryHref } from "./entry.ts";
import type { ReadmeText } from "./form.ts";
import type { MarkdownPage } from "./markdown-page.ts";
import { type SlicedWork, settled } from "./time-slice.ts";

/** Nobody reads a longer one on a page. Rendering it takes a few hundredths of a second. */
const README_BYTES_MAX = 128 * 1024;
/** In each of two generations: at half a megabyte for the most intricate, 16 MB. */
const READMES_REMEMBERED_MAX = 16;

export class ReadmeFiles {
  readonly #markdown: MarkdownPage;
  readonly #remembered = new RecentMap<string, ReadmeText>(READMES_REMEMBERED_MAX);

  private constructor(markdown: MarkdownPage) {
    this.#markdown = markdown;
  }

  /** The parser of Markdown is loaded here, and only here. */
  static async load(): Promise<ReadmeFiles> {
    const { MarkdownPage } = await import("./markdown-page.ts");
    return new ReadmeFiles(new MarkdownPage());
  }

  /**
   * The README below the listing of a folder; undefined if it has none that is served.
   * @param entries at least those that may be one
   */
  *sectionFor(
    folder: ServedFolder,
    path: SafePath,
    entries: readonly DirectoryEntry[],
  ): SlicedWork<ReadmeText | undefined> {
    for (const entry of findReadmes(entries)) {
      const section = yield* this.#sectionOf(folder, path, entry);
      if (section !== undefined) return section;
    }
    return undefined;
  }

  *#sectionOf(
    folder: ServedFolder,
    path: SafePath,
    entry: DirectoryEntry,
  ): SlicedWork<ReadmeText | undefined> {
    const filePath = childPath(path, entry.byteName);
    try {
      const opened = yield* settled(openServedFile(folder, filePath));
      return opened.kind === "file" ? this.#formatFile(filePath, entry, opened.file) : undefined;
    } catch (error) {
      if (!(error instanceof SourceChangedError)) throw error;
      // It is not read again: the listing is being sent, and the next one shows it.
      return linkReadme(entry, "changing");
    }
  }

  /** Closes the file. */
  #formatFile(filePath: SafePath, entry: DirectoryEntry, file: OpenFile): ReadmeText {
    try {
      if (file.sizeBytes > README_BYTES_MAX) return linkReadme(entry, "long");
      const version = `${file.versionKey} ${file.modifiedMs} ${file.sizeBytes}`;
      const known = this.#remembered.get(filePath.path);
      if (known?.version === version) return known;
      const readme = { version, html: formatReadme(this.#markdown, entry, readWhole(file)) };
      this.#remembered.set(filePath.path, readme);
      return readme;
    } finally {
      file.close();
    }
  }
}

/** The link is the same, whatever happens to the file. */
function linkReadme(entry: DirectoryEntry, reason: "long" | "changing"): ReadmeText {
  return { version: reason, html: formatLinkedReadme(entry, reason) };
}

/** @throws SourceChangedError when the file was written to meanwhile */
function readWhole(file: OpenFile): Buffer {
  const bytes = Buffer.allocUnsafe(file.sizeBytes);
  // The first reading of a file is always done here and now, however long its disk takes.
  const readBytes = file.read(bytes, 0);
  if (readBytes !== bytes.length || !file.isUnchangedNow()) throw new SourceChangedError();
  return bytes;
}

// Which of a folder's files is its README, and the part of the page that shows it.

/** In either case. The first of these that a folder has is its README. */
const README_NAMES = ["readme.md", "readme.markdown", "readme.txt", "readme"];
const NAME_LENGTH_MAX = Math.max(...README_NAMES.map(({ length }) => length));
const NAME_LENGTH_MIN = Math.min(...README_NAMES.map(({ length }) => length));

export function isReadmeName(byteName: string): boolean {
  // The length rules out most names: this runs for each of a hundred thousand.
  if (byteName.length < NAME_LENGTH_MIN || byteName.length > NAME_LENGTH_MAX) return false;
  return README_NAMES.includes(byteName.toLowerCase());
}

/** The files that may be the folder's README, the most likely first. */
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

/** A README that the page only links to. */
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
