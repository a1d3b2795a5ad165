// A served folder as a listing needs it: remembered, or read under the serving rules; and read again when
// its memory was given up and the listing's reader goes on. Called by listing-answer.ts.

import { statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { systemClock } from "../base/clock.ts";
import type { OpenFolder } from "../files/open-file.ts";
import { openServed } from "../files/open-served.ts";
import type { SafePath } from "../files/resolve-path.ts";
import type { ServedFolder } from "../files/served-folder.ts";
import { type EntryList, keepEntries } from "../listing/listing-entry.ts";
import { type FolderToList, ListingChangedError } from "../listing/listing-progress.ts";
import type {
  ReadFolder,
  RememberedFolder,
  RememberedFolders,
} from "../listing/remembered-folders.ts";
import { sortByName } from "../listing/sort-entries.ts";
import { PAUSE, type SlicedWork, settled, type WorkPlace } from "../listing/time-slice.ts";
import { readServedEntries } from "./served-entries.ts";

/** The most that one request costs: half a second of a thread, and 15 MB of JSON. */
export const LISTED_ENTRIES_MAX = 100_000;
/** Names beyond those that are counted: a tenth of a second. */
export const COUNTED_NAMES_MAX = 1_000_000;
/**
 * A folder that changed less than this ago may change again without another date: the clock for files
 * of kernels before Linux 6.13, and of others, stands still for up to 10 ms.
 */
const YOUNG_MS = 20;

export type FolderToRead = Pick<OpenFolder, "readPath" | "release">;

/** An open folder that was removed can be read, and is empty. */
export class FolderGoneError extends Error {
  override readonly name = "FolderGoneError";
}

export class ServedFolderToList implements FolderToList {
  readonly folders: RememberedFolders;
  readonly workPlace: WorkPlace;
  readonly #served: ServedFolder;
  readonly #path: SafePath;
  readonly #askedMs = systemClock.monotonicMs();
  /** Held until the listing is prepared: its path may name another folder by then, or none. */
  #opened: FolderToRead | undefined;

  /** @param opened released here, once the listing is prepared or has ended */
  constructor(served: ServedFolder, path: SafePath, opened: FolderToRead, memory: ListingMemory) {
    this.#served = served;
    this.#path = path;
    this.#opened = opened;
    this.folders = memory.folders;
    this.workPlace = memory.workPlace;
  }

  *load(): SlicedWork<RememberedFolder> {
    const opened = this.#opened ?? (yield* this.#openAgain());
    this.#opened = opened;
    const readMs = systemClock.monotonicMs();
    const { version, isYoung } = readVersion(opened.readPath);
    const known = this.folders.find(this.#path.segments, version, this.#askedMs);
    if (known !== undefined) return known;
    const read = yield* this.#read(opened, version, readMs);
    // Others might miss a change of this very moment.
    return this.folders.add(read, { isShared: !isYoung });
  }

  prepared(): void {
    this.release();
  }

  release(): void {
    this.#opened?.release();
    this.#opened = undefined;
  }

  *#openAgain(): SlicedWork<FolderToRead> {
    const outcome = yield* settled(openServed(this.#served, this.#path));
    if (outcome.kind === "folder") return outcome.folder;
    if (outcome.kind === "file") outcome.file.close();
    throw new ListingChangedError(`the folder is ${outcome.kind} by now`);
  }

  *#read(opened: FolderToRead, version: string, readMs: number): SlicedWork<ReadFolder> {
    const limits = { entriesMax: LISTED_ENTRIES_MAX, countedMax: COUNTED_NAMES_MAX };
    const directory = yield* readServedEntries(this.#served, opened, { folderLinks: true }, limits);
    const { nameBytes, unreadCount } = directory;
    const sorted = yield* sortByName(directory.entries);
    const placesKey = yield* formatPlacesKey(sorted.entries, sorted.directoryCount);
    const entries = yield* keepEntries(sorted.entries);
    const content = { ...sorted, entries, unreadCount };
    return { pathSegments: this.#path.segments, version, placesKey, content, nameBytes, readMs };
  }
}

/** Shared by all listings of a thread. */
export interface ListingMemory {
  readonly folders: RememberedFolders;
  readonly workPlace: WorkPlace;
}

/** A tenth of a slice or so. */
const KEYED_TOGETHER = 1024;

/** The same for the same names at the same places: one that is read for long can go on by it. */
function* formatPlacesKey(entries: EntryList, directoryCount: number): SlicedWork<string> {
  let crc = 0;
  for (let start = 0; start < entries.length; start += KEYED_TOGETHER) {
    const end = Math.min(start + KEYED_TOGETHER, entries.length);
    let names = "";
    for (let place = start; place < end; place++) names += `${entries.at(place)!.byteName}/`;
    crc = crc32(Buffer.from(names, "latin1"), crc);
    if (end < entries.length) yield PAUSE;
  }
  return `${entries.length} ${directoryCount} ${crc}`;
}

/** Differs for each folder, and for each change of the names in it. */
function readVersion(readPath: Buffer): { version: string; isYoung: boolean } {
  const { dev, ino, nlink, mtimeMs, ctimeMs } = statSync(readPath);
  if (nlink === 0) throw new FolderGoneError("the folder was removed");
  const changedMs = Math.max(mtimeMs, ctimeMs);
  return {
    version: `${dev} ${ino} ${mtimeMs} ${ctimeMs}`,
    isYoung: systemClock.wallMs() - changedMs < YOUNG_MS,
  };
}
