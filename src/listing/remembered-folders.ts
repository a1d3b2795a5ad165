// Folders that were listed within the last second, so that a folder that many look at is read once a
// second. What is seen late, by a second at most, is a new size or date of an entry, another target of
// a link, or a right that was given or taken; new and vanished names are seen at once, because they
// change the folder's own dates, which are part of its version. Hits are not remembered. One for each
// server thread.

import { type FolderContent, formatHrefPath } from "./listing-entry.ts";
import type { ListingForm, LoadedFolder } from "./listing-form.ts";
import { PreparedRows } from "./prepared-rows.ts";

/** How long a folder is remembered from when its reading began. */
export const REMEMBERED_MS = 1000;
/** For each thread: the largest folder that is listed, or some dozen of a thousand files. */
const REMEMBERED_BYTES_MAX = 16 * 1024 * 1024;
/** The rows of a larger folder would fill the memory by themselves: they are formatted each time. */
const PREPARED_ENTRIES_MAX = 20_000;
/** An entry and its place in the list, beside the characters of its name. */
const ENTRY_BYTES = 128;
/** A folder without entries. */
const FOLDER_BYTES = 1024;

export interface ReadFolder {
  readonly pathSegments: readonly string[];
  /** Another for another folder in its place, and for each change of its names. */
  readonly version: string;
  readonly content: FolderContent;
  /** Of all names together. */
  readonly nameBytes: number;
  /** When its reading began. */
  readonly readMs: number;
}

export interface RememberedFoldersOptions {
  readonly monotonicMs: () => number;
  /** Another than usual for tests. */
  readonly bytesMax?: number;
}

export class RememberedFolders {
  private readonly monotonicMs: () => number;
  private readonly bytesMax: number;
  /** The least recently used first. */
  private readonly folders = new Map<string, RememberedFolder>();
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: RememberedFoldersOptions) {
    this.monotonicMs = options.monotonicMs;
    this.bytesMax = options.bytesMax ?? REMEMBERED_BYTES_MAX;
  }

  /** Bytes of all that is remembered, about. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** The folder as it was read a moment ago, if it has that version still. */
  find(pathSegments: readonly string[], version: string): RememberedFolder | undefined {
    const key = pathSegments.join("/");
    const folder = this.folders.get(key);
    if (folder === undefined) return undefined;
    this.folders.delete(key);
    if (folder.folder.version !== version || this.isOld(folder)) {
      this.bytes -= folder.heldBytes;
      return undefined;
    }
    this.folders.set(key, folder);
    return folder;
  }

  /** Remembers a folder that was just read. */
  add(folder: ReadFolder): RememberedFolder {
    const key = folder.pathSegments.join("/");
    this.remove(key);
    const added: RememberedFolder = new RememberedFolder(folder, (bytes) => {
      if (this.folders.get(key) === added) this.grow(bytes);
    });
    this.folders.set(key, added);
    this.grow(added.heldBytes);
    this.timer ??= setTimeout(() => this.forgetOld(), REMEMBERED_MS).unref();
    return added;
  }

  private isOld({ folder }: RememberedFolder): boolean {
    return this.monotonicMs() - folder.readMs >= REMEMBERED_MS;
  }

  private grow(bytes: number): void {
    this.bytes += bytes;
    for (const key of this.folders.keys()) {
      if (this.bytes <= this.bytesMax) return;
      this.remove(key);
    }
  }

  private remove(key: string): void {
    this.bytes -= this.folders.get(key)?.heldBytes ?? 0;
    this.folders.delete(key);
  }

  /** What nobody asks for any more is not kept for that. */
  private forgetOld(): void {
    for (const [key, folder] of this.folders) if (this.isOld(folder)) this.remove(key);
    this.timer =
      this.folders.size === 0
        ? undefined
        : setTimeout(() => this.forgetOld(), REMEMBERED_MS).unref();
  }
}

/** A folder that was read, and its rows as far as they were asked for. */
export class RememberedFolder {
  readonly folder: ReadFolder;
  private readonly onGrowth: (bytes: number) => void;
  private readonly rowsByForm = new Map<ListingForm["name"], PreparedRows>();
  private bytes: number;

  constructor(folder: ReadFolder, onGrowth: (bytes: number) => void) {
    this.folder = folder;
    this.onGrowth = onGrowth;
    this.bytes = FOLDER_BYTES + folder.nameBytes + ENTRY_BYTES * folder.content.entries.length;
  }

  /** Bytes that it takes, about. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** The folder as a listing of that form needs it. */
  inForm(form: ListingForm): LoadedFolder {
    const { content, pathSegments } = this.folder;
    const hrefPath = formatHrefPath(pathSegments);
    const formatRow = (index: number) => form.formatRow(content.entries[index]!, hrefPath);
    if (content.entries.length > PREPARED_ENTRIES_MAX) return { content, rowAt: formatRow };
    const known = this.rowsByForm.get(form.name);
    const rows =
      known ??
      new PreparedRows(content.entries.length, formatRow, (bytes) => {
        this.bytes += bytes;
        this.onGrowth(bytes);
      });
    this.rowsByForm.set(form.name, rows);
    return { content, rowAt: (index) => rows.rowAt(index) };
  }
}
