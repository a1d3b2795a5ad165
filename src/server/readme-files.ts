// The READMEs that stand below listings: opened as a request for them would be, read, rendered, and
// remembered by each server thread until they change. Called by listing-answer.ts. Looking at one is
// no request for it, so it counts no hit.

import { RecentMap } from "../base/recent-map.ts";
import type { OpenFile } from "../files/open-file.ts";
import { openServedFile } from "../files/open-served.ts";
import { childPath, type SafePath } from "../files/resolve-path.ts";
import type { ServedFolder } from "../files/served-folder.ts";
import { SourceChangedError } from "../http/reply.ts";
import type { DirectoryEntry } from "../listing/listing-entry.ts";
import type { ReadmeText } from "../listing/listing-form.ts";
import type { MarkdownPage } from "../listing/markdown-page.ts";
import { findReadmes, formatLinkedReadme, formatReadme } from "../listing/readme-section.ts";
import { type SlicedWork, settled } from "../listing/time-slice.ts";

/** Longer than any that is read on a page; set it takes a few hundredths of a second. */
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
    const { MarkdownPage } = await import("../listing/markdown-page.ts");
    return new ReadmeFiles(new MarkdownPage());
  }

  /**
   * The README below the listing of a folder; undefined if it has none that is served.
   * @param entries those that may be one, at least
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
      // Not read again: the listing is on its way, and the next one shows it.
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

/** The link is the same, whatever becomes of the file. */
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
