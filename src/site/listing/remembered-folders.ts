// The folders that a thread has read: those of the last second, so that a folder that many clients list is
// read once a second, and those whose listings are still being sent, as long as there is room. A listing
// never holds its folder itself (progress.ts): a folder that is dropped here is freed, and read again when
// the client reads on. So stalled listings cost no more than the bound here, however many there are.
//
// Some changes are seen late, by a second at most: a new size or date of an entry, another target of a
// link, or a right that was given or taken. New and vanished names are seen at once, because they change
// the folder's own dates, which are part of its version. Hits are not remembered.

import { bytesPerEntry, type FolderContent, formatHrefPath } from "./entry.ts";
import type { ListingForm, Row, RowAt } from "./form.ts";

/** How long a folder is remembered from when its reading began. */
export const REMEMBERED_MS = 1000;
/** For each thread: three of the largest folders that are listed, or some dozens of a thousand files. */
const REMEMBERED_BYTES_MAX = 12 * 1024 * 1024;
/** The rows of a larger folder would fill the memory by themselves: they are formatted each time. */
const PREPARED_ENTRIES_MAX = 2000;
/** A folder without entries. */
const FOLDER_BYTES = 1024;

export interface ReadFolder {
  readonly pathSegments: readonly string[];
  /** Changes when another folder takes its place, and with each change of its names. */
  readonly version: string;
  /** Stays the same while the same entries have the same places, whatever else has changed. */
  readonly placesKey: string;
  readonly content: FolderContent;
  /** The length of all names together. */
  readonly nameBytes: number;
  /** When its reading began. */
  readonly readMs: number;
}

/** The entries that a listing shows, in its order. */
export interface ChosenPlaces {
  /** Indices into the folder's entries. */
  readonly places: Uint32Array;
  /** The hits of each, where the order is by hits: the listing shows the numbers it was sorted by. */
  readonly hits: Float64Array | undefined;
}

export function chosenBytes({ places, hits }: ChosenPlaces): number {
  return places.byteLength + (hits?.byteLength ?? 0);
}

export interface RememberedFoldersOptions {
  readonly monotonicMs: () => number;
  /** Tests set another one. */
  readonly bytesMax?: number;
}

export class RememberedFolders {
  readonly #monotonicMs: () => number;
  readonly #bytesMax: number;
  /** All that are held; the least recently used first. */
  readonly #held = new Set<RememberedFolder>();
  /** Those of them that new listings may begin with. */
  readonly #byPath = new Map<string, RememberedFolder>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RememberedFoldersOptions) {
    this.#monotonicMs = options.monotonicMs;
    this.#bytesMax = options.bytesMax ?? REMEMBERED_BYTES_MAX;
  }

  /** Roughly the bytes of all that is held. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /**
   * The folder as it was read a moment ago, if it still has that version.
   * @param askedMs when the listing was asked for: a reading that began later is new enough, however long it
   * took. Otherwise a busy machine would read the folder once for each client that waits for it
   */
  find(
    pathSegments: readonly string[],
    version: string,
    askedMs = Number.POSITIVE_INFINITY,
  ): RememberedFolder | undefined {
    const key = pathSegments.join("/");
    const folder = this.#byPath.get(key);
    if (folder === undefined) return undefined;
    const isNewEnough = folder.folder.readMs >= askedMs || !this.#isOld(folder.folder.readMs);
    if (folder.folder.version !== version || !isNewEnough) {
      this.#byPath.delete(key);
      if (!folder.isInUse) this.#remove(folder);
      return undefined;
    }
    this.touch(folder);
    return folder;
  }

  /**
   * Remembers a folder that was just read.
   * @param isShared whether other listings may begin with it
   */
  add(folder: ReadFolder, { isShared = true } = {}): RememberedFolder {
    const added: RememberedFolder = new RememberedFolder(folder, this.#monotonicMs(), (bytes) => {
      if (this.#held.has(added)) this.#grow(bytes);
    });
    if (isShared) {
      const key = folder.pathSegments.join("/");
      const before = this.#byPath.get(key);
      if (before !== undefined && !before.isInUse) this.#remove(before);
      this.#byPath.set(key, added);
    }
    this.touch(added);
    this.#timer ??= setTimeout(() => this.#forgetOld(), REMEMBERED_MS).unref();
    return added;
  }

  /** A listing goes on with a folder. The folder that was used last is held, whatever its size. */
  touch(folder: RememberedFolder): void {
    const isNew = !this.#held.delete(folder);
    this.#held.add(folder);
    this.#grow(isNew ? folder.heldBytes : 0);
  }

  /** A listing has ended. */
  release(folder: RememberedFolder): void {
    folder.useCount--;
    const isFindable = this.#byPath.get(folder.folder.pathSegments.join("/")) === folder;
    if (!folder.isInUse && (!isFindable || this.#bytes > this.#bytesMax)) this.#remove(folder);
  }

  #isOld(sinceMs: number): boolean {
    return this.#monotonicMs() - sinceMs >= REMEMBERED_MS;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    for (const folder of this.#held) {
      if (this.#bytes <= this.#bytesMax || this.#held.size === 1) return;
      this.#remove(folder);
    }
  }

  #remove(folder: RememberedFolder): void {
    if (this.#held.delete(folder)) this.#bytes -= folder.heldBytes;
    const key = folder.folder.pathSegments.join("/");
    if (this.#byPath.get(key) === folder) this.#byPath.delete(key);
  }

  /** Drops folders that no request has asked for lately. */
  #forgetOld(): void {
    for (const folder of this.#held) {
      if (this.#isOld(folder.addedMs) && !folder.isInUse) this.#remove(folder);
    }
    this.#timer =
      this.#held.size === 0
        ? undefined
        : setTimeout(() => this.#forgetOld(), REMEMBERED_MS).unref();
  }
}

/** A folder that was read, and what listings have made of it: rows and orders. */
export class RememberedFolder {
  readonly folder: ReadFolder;
  /** When its reading had ended. */
  readonly addedMs: number;
  /** Listings under way. */
  useCount = 0;
  readonly #onGrowth: (bytes: number) => void;
  readonly #rowsByForm = new Map<string, PreparedRows>();
  readonly #chosen = new Map<unknown, ChosenPlaces>();
  #bytes: number;

  constructor(folder: ReadFolder, addedMs: number, onGrowth: (bytes: number) => void) {
    this.folder = folder;
    this.addedMs = addedMs;
    this.#onGrowth = onGrowth;
    const { entries } = folder.content;
    this.#bytes = FOLDER_BYTES + folder.nameBytes + bytesPerEntry(entries) * entries.length;
  }

  /** Roughly the bytes that it takes. */
  get heldBytes(): number {
    return this.#bytes;
  }

  get isInUse(): boolean {
    return this.useCount > 0;
  }

  chosenFor(key: unknown): ChosenPlaces | undefined {
    return this.#chosen.get(key);
  }

  keepChosen(key: unknown, chosen: ChosenPlaces): void {
    this.forgetChosen(key);
    this.#chosen.set(key, chosen);
    this.#count(chosenBytes(chosen));
  }

  forgetChosen(key: unknown): void {
    const chosen = this.#chosen.get(key);
    if (chosen === undefined) return;
    this.#chosen.delete(key);
    this.#count(-chosenBytes(chosen));
  }

  /** The rows of the folder in a form. */
  rowsIn(form: ListingForm): RowAt {
    const { content, pathSegments } = this.folder;
    const hrefPath = formatHrefPath(pathSegments);
    const formatRow = (place: number) => form.formatRow(content.entries.at(place)!, hrefPath);
    const { rowsKey } = form;
    if (rowsKey === undefined || content.entries.length > PREPARED_ENTRIES_MAX) return formatRow;
    const known = this.#rowsByForm.get(rowsKey);
    const rows =
      known ?? new PreparedRows(content.entries.length, formatRow, (bytes) => this.#count(bytes));
    this.#rowsByForm.set(rowsKey, rows);
    return (place) => rows.rowAt(place);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#onGrowth(bytes);
  }
}

/** These are formatted together: their texts share one string. */
const ROWS_PER_BLOCK = 64;
/** The objects of a row, in addition to its characters. */
const ROW_BYTES = 128;

const WIDE = /[\u0100-\uffff]/;

/**
 * The rows, without their hits, of a folder that is listed again and again: each is formatted once, with
 * its neighbours, when one of them is needed.
 */
export class PreparedRows {
  readonly #rowCount: number;
  readonly #formatRow: (index: number) => Row;
  readonly #onGrowth: (bytes: number) => void;
  readonly #rows: (Row | undefined)[];

  /** @param onGrowth is told how many bytes more are held, about */
  constructor(
    rowCount: number,
    formatRow: (index: number) => Row,
    onGrowth: (bytes: number) => void,
  ) {
    this.#rowCount = rowCount;
    this.#formatRow = formatRow;
    this.#onGrowth = onGrowth;
    this.#rows = new Array(rowCount);
  }

  rowAt(index: number): Row {
    return this.#rows[index] ?? this.#prepareBlock(index);
  }

  #prepareBlock(index: number): Row {
    const start = index - (index % ROWS_PER_BLOCK);
    const end = Math.min(start + ROWS_PER_BLOCK, this.#rowCount);
    const pieces: string[] = [];
    for (let at = start; at < end; at++) {
      const { before, after } = this.#formatRow(at);
      pieces.push(before, after);
    }
    // V8 keeps a text that is put together of thirty as those thirty until it is read: that is slower each
    // time, and takes many times the room. Joined, it is one stretch of characters.
    const text = pieces.join("");
    let from = 0;
    const cut = (piece: string) => {
      const to = from + piece.length;
      const cutOut = text.slice(from, to);
      from = to;
      return cutOut;
    };
    for (let at = start; at < end; at++) {
      const place = 2 * (at - start);
      this.#rows[at] = { before: cut(pieces[place]!), after: cut(pieces[place + 1]!) };
    }
    this.#onGrowth(text.length * (WIDE.test(text) ? 2 : 1) + ROW_BYTES * (end - start));
    return this.#rows[index]!;
  }
}
