// Reads a folder for a listing. The caller says what may be listed: the rules (hidden names, types, symbolic
// links) are unknown here. Files that no request can get are left out. It is synchronous and works in
// slices: the kernel nearly always has the facts in memory, and asking it through Node's file threads takes
// ten times as long.

import { type Dir, opendirSync, realpathSync, type Stats, statSync } from "node:fs";
import type { DirectoryEntry } from "./entry.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork } from "./time-slice.ts";

/**
 * Describes a name (one character a byte) for a listing; undefined leaves it out.
 * @param path for the system; its facts are those of a moment
 */
export type DescribeEntry = (byteName: string, path: string | Buffer) => DirectoryEntry | undefined;

export interface ReadDirectoryLimits {
  /** Names looked at, listed or not: this bounds what a request costs, not only what it shows. */
  readonly entriesMax: number;
  /** How many of the further names are counted at most; 0: the count is not needed. */
  readonly countedMax: number;
  /** Which of them are counted: those that may be listed, judged by their names. */
  readonly mayBeListed: (byteName: string) => boolean;
}

export interface DirectoryContent {
  /** In no order. */
  readonly entries: readonly DirectoryEntry[];
  /** Names that were looked at, listed or not. */
  readonly nameCount: number;
  /** The sum of their lengths. */
  readonly nameBytes: number;
  /** false when the folder holds more names than `entriesMax`; which of them were read is chance. */
  readonly isComplete: boolean;
  /** Names that may be listed and were not looked at; `countedMax` when there are as many or more. */
  readonly unreadCount: number;
}

/** Names fetched from the system in one go; Node's 32 makes 100,000 names slow. */
const NAMES_PER_READ = 1024;

/** Gone by now, replaced, or out of reach of this process: a request could not get it either. */
const UNLISTED_ERROR_CODES: ReadonlySet<unknown> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "EACCES",
  "EPERM",
  "ESTALE",
]);

function isUnlistedError(error: unknown): boolean {
  return error instanceof Error && "code" in error && UNLISTED_ERROR_CODES.has(error.code);
}

/**
 * The entries of a folder.
 * @param readPath of the folder, as long as the work goes on
 * @throws the system's error when the folder itself cannot be read, in the first step if it has gone;
 * and whatever `describe` throws for another reason than that the entry has gone
 */
export function* readDirectory(
  readPath: Buffer,
  describe: DescribeEntry,
  limits: ReadDirectoryLimits,
): SlicedWork<DirectoryContent> {
  try {
    return yield* readWithNamesAs("latin1", readPath, describe, limits);
  } catch (error) {
    // Some file systems do not give an entry's kind with its name. Node then asks for it, and joins a path
    // of bytes only with a name of bytes. That is no reason to have a Buffer for every name.
    if ((error as NodeJS.ErrnoException).code !== "ERR_INVALID_ARG_TYPE") throw error;
    // The types allow only encodings of text; Node itself takes "buffer" here as for readdir.
    return yield* readWithNamesAs("buffer" as BufferEncoding, readPath, describe, limits);
  }
}

function* readWithNamesAs(
  encoding: BufferEncoding,
  readPath: Buffer,
  describe: DescribeEntry,
  limits: ReadDirectoryLimits,
): SlicedWork<DirectoryContent> {
  const dir = opendirSync(readPath, { encoding, bufferSize: NAMES_PER_READ });
  try {
    const describeAll = describeFastOrSurely(new EntryPaths(readPath), describe);
    const entries: DirectoryEntry[] = [];
    let nameBytes = 0;
    let namesLeft = limits.entriesMax;
    while (namesLeft > 0) {
      const byteNames = readNames(dir, Math.min(namesLeft, ENTRIES_PER_PAUSE));
      if (byteNames.length === 0) break;
      namesLeft -= byteNames.length;
      for (const { length } of byteNames) nameBytes += length;
      entries.push(...describeAll(byteNames));
      yield PAUSE;
    }
    const nameCount = limits.entriesMax - namesLeft;
    const [next] = readNames(dir, 1);
    const unreadCount = next === undefined ? 0 : yield* countNames(dir, next, limits);
    return { entries, nameCount, nameBytes, isComplete: next === undefined, unreadCount };
  } finally {
    dir.closeSync();
  }
}

/** How many of the names from `next` on may be listed. */
function* countNames(
  dir: Dir,
  next: string,
  { countedMax, mayBeListed }: ReadDirectoryLimits,
): SlicedWork<number> {
  let count = 0;
  for (let byteNames = [next]; byteNames.length > 0 && count < countedMax; ) {
    for (const byteName of byteNames) if (mayBeListed(byteName)) count++;
    yield PAUSE;
    byteNames = readNames(dir, NAMES_PER_READ);
  }
  return Math.min(count, countedMax);
}

/** The next names of an open folder, at most `countMax`; fewer only at its end. */
function readNames(dir: Dir, countMax: number): string[] {
  const byteNames: string[] = [];
  while (byteNames.length < countMax) {
    const dirent = dir.readSync();
    if (dirent === null) break;
    const name: string | Buffer = dirent.name;
    byteNames.push(typeof name === "string" ? name : (name as Buffer).toString("latin1"));
  }
  return byteNames;
}

/** Looks names up the fast way, and the sure way once the folder no longer lies where it did. */
function describeFastOrSurely(
  paths: EntryPaths,
  describe: DescribeEntry,
): (byteNames: readonly string[]) => DirectoryEntry[] {
  let fastPath = paths.fastPath;
  const describeSurely = (byteName: string) =>
    describeIfThere(describe, byteName, paths.surePath(byteName));
  return (byteNames) => {
    if (fastPath !== undefined) {
      const pathOf = fastPath;
      const entries = byteNames.map((byteName) => {
        const entry = describeIfThere(describe, byteName, pathOf(byteName));
        // It is gone, or the whole folder was away for a moment.
        return entry === "gone" ? describeSurely(byteName) : entry;
      });
      if (paths.isAtRealPath()) return entries.filter(isListed);
      fastPath = undefined;
    }
    return byteNames.map(describeSurely).filter(isListed);
  };
}

function isListed(entry: DirectoryEntry | "gone" | undefined): entry is DirectoryEntry {
  return entry !== undefined && entry !== "gone";
}

function describeIfThere(
  describe: DescribeEntry,
  byteName: string,
  path: string | Buffer,
): DirectoryEntry | "gone" | undefined {
  try {
    return describe(byteName, path);
  } catch (error) {
    if (isUnlistedError(error)) return "gone";
    throw error;
  }
}

/** The entry of a file or directory; undefined for a link, FIFO, socket or device. */
export function describeStats(byteName: string, stats: Stats): DirectoryEntry | undefined {
  const modifiedMs = stats.mtimeMs;
  if (stats.isFile()) return { byteName, kind: "file", sizeBytes: stats.size, modifiedMs };
  if (!stats.isDirectory()) return undefined;
  return { byteName, kind: "directory", sizeBytes: undefined, modifiedMs };
}

const ASCII = /^[\x20-\x7e]*$/;

/** Appends a name to the path of its folder: as text where that means the same, because it is faster. */
export type JoinName = (byteName: string) => string | Buffer;

/**
 * Where the entries of an open folder are looked up. The sure way is the open folder itself, which on
 * Linux has a name below /proc; but the kernel takes twice as long for an entry that way. So they are
 * looked up below the folder's real path, and after every few of them it is checked that the folder still
 * lies there: what was put in its place meanwhile is not listed.
 */
class EntryPaths {
  /** Leads to an entry of exactly this folder. */
  readonly surePath: JoinName;
  readonly #readPath: Buffer;
  readonly #realPath: Buffer | undefined;
  readonly #known: Pick<Stats, "dev" | "ino">;

  /**
   * @param readPath leads to the open folder as long as it is open
   * @throws what the system says about a folder that is not there
   */
  constructor(readPath: Buffer) {
    this.#known = statSync(readPath);
    this.#readPath = readPath;
    this.surePath = joinName(readPath);
    this.#realPath = readRealPath(readPath);
  }

  /** The same, faster, while `isAtRealPath` holds; undefined when there is no such way. */
  get fastPath(): JoinName | undefined {
    const realPath = this.#realPath;
    return realPath?.equals(this.#readPath) === false ? joinName(realPath) : undefined;
  }

  /** Whether the folder still lies where it did when its reading began. */
  isAtRealPath(): boolean {
    if (this.#realPath === undefined) return false;
    const there = statSync(this.#realPath, { throwIfNoEntry: false });
    return there?.dev === this.#known.dev && there.ino === this.#known.ino;
  }
}

function readRealPath(path: Buffer): Buffer | undefined {
  try {
    return realpathSync.native(path, { encoding: "buffer" });
  } catch {
    // It was moved to where we may not look, or removed: the open folder is all there is.
    return undefined;
  }
}

function joinName(dirPath: Buffer): JoinName {
  const prefix = Buffer.concat([dirPath, Buffer.from("/")]);
  const prefixText = prefix.toString("latin1");
  const isText = ASCII.test(prefixText);
  return (byteName) =>
    isText && ASCII.test(byteName)
      ? prefixText + byteName
      : Buffer.concat([prefix, Buffer.from(byteName, "latin1")]);
}
