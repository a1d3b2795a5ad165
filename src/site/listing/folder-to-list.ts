// A served folder as a listing needs it: remembered, or read under the serving rules, and read again when its
// memory was given up and the client reads on. A listing or a zip shows exactly what a request would get.
// That is decided here, by the same rules as in the code that opens files. Another way of reading a folder
// belongs in readServedEntries.

import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { systemClock } from "../../base/clock.ts";
import type { OpenFolder } from "../file/open-file.ts";
import { openServed } from "../file/open-served.ts";
import type { SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { isLinkAllowed, isServedType, isVisibleName } from "../served-folder.ts";
import { type DirectoryEntry, type EntryList, keepEntries } from "./entry.ts";
import { sortByName } from "./order.ts";
import { type FolderToList, ListingChangedError } from "./progress.ts";
import {
  type DescribeEntry,
  type DirectoryContent,
  describeStats,
  readDirectory,
} from "./read-directory.ts";
import type { ReadFolder, RememberedFolder, RememberedFolders } from "./remembered-folders.ts";
import { PAUSE, type SlicedWork, settled, type WorkPlace } from "./time-slice.ts";

/** The most that one request costs: half a second of a thread, and 15 MB of JSON. */
export const LISTED_ENTRIES_MAX = 100_000;
/** Further names that are counted: a tenth of a second. */
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
    // Other listings might miss a change that happens at this moment.
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

/** Equal for the same names at the same places: so a listing that takes long to read can go on. */
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

export interface DescribeOptions {
  /** Whether a link to a folder counts as that folder. Following such links may lead in a circle. */
  readonly folderLinks: boolean;
}

export interface ServedEntriesLimits {
  /** Names looked at, listed or not. */
  readonly entriesMax: number;
  /** How many of the names behind those are counted at most. */
  readonly countedMax: number;
}

/**
 * Reads what may be listed of an open folder, in no order.
 * @throws what readDirectory does; it may also wait (time-slice.ts, `settled`)
 */
export function* readServedEntries(
  served: ServedFolder,
  { readPath }: Pick<OpenFolder, "readPath">,
  options: DescribeOptions,
  limits: ServedEntriesLimits,
): SlicedWork<DirectoryContent> {
  const { rules } = served;
  // Judged by its name: whether it is a folder, which has no type, is not looked up.
  const mayBeListed = (byteName: string) => isVisibleName(rules, byteName);
  const describe = describeFast(served, readPath, describeUnderRules(served, options));
  return yield* readDirectory(readPath, describe, { ...limits, mayBeListed });
}

/**
 * Where the thread must not wait for slow mounts, entries in one are named and not looked at: their kind and
 * facts are those of the mount point or link. A click still leads to the mount.
 */
function describeFast(
  { rootDir, rules, mounts }: ServedFolder,
  readPath: Buffer,
  describe: DescribeEntry,
): DescribeEntry {
  if (mounts?.hasSlow !== true) return describe;
  // The kernel says where it lies. Where there is no /proc, there is no table of mounts either.
  const folder = readlinkSync(readPath, { encoding: "buffer" }).toString("latin1");
  const mountNames = mounts.namesIn(folder);
  const { mtimeMs } = statSync(readPath);
  const root = Buffer.from(rootDir);
  return (byteName, path) => {
    if (!isVisibleName(rules, byteName)) return undefined;
    if (mountNames.has(byteName)) {
      return { byteName, kind: "directory", sizeBytes: undefined, modifiedMs: mtimeMs };
    }
    const stats = lstatSync(path);
    const mount = stats.isSymbolicLink() ? mounts.locate(folder, `/${byteName}`) : undefined;
    if (mount === undefined) return describe(byteName, path);
    const target = Buffer.from(mount.mountPoint, "latin1");
    if (!isLinkAllowed(rules, root, Buffer.from(path), target)) return undefined;
    return { byteName, kind: "file", sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
  };
}

function describeUnderRules(
  { rules, rootDir }: ServedFolder,
  { folderLinks }: DescribeOptions,
): DescribeEntry {
  const root = Buffer.from(rootDir);
  return (byteName, path) => {
    if (!isVisibleName(rules, byteName)) return undefined;
    const stats = lstatSync(path);
    if (rules.ownFiles?.hasIdentity(stats) === true) return undefined;
    const entry = stats.isSymbolicLink()
      ? describeLink(byteName, path)
      : describeStats(byteName, stats);
    return entry?.kind === "file" && !isServedType(rules, byteName) ? undefined : entry;
  };

  function describeLink(byteName: string, path: string | Buffer): DirectoryEntry | undefined {
    // The native function, because the other one takes a path for UTF-8.
    const realPath = realpathSync.native(path, { encoding: "buffer" });
    if (!isLinkAllowed(rules, root, Buffer.from(path), realPath)) return undefined;
    const stats = statSync(realPath);
    if (rules.ownFiles?.hasIdentity(stats) || rules.ownFiles?.hasPath(realPath)) return undefined;
    const entry = describeStats(byteName, stats);
    return entry?.kind === "directory" && !folderLinks ? undefined : entry;
  }
}
