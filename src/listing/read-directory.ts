// Reads a folder for a listing. Called by the server, which hands in what may be listed: the policy
// (hidden names, types, symbolic links) is not known here, and files that nobody can get are left out.

import type { Dir, Dirent, Stats } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import type { DirectoryEntry } from "./listing-entry.ts";

/** What is true of an entry that is listed; undefined leaves it out. */
export type EntryFacts = Omit<DirectoryEntry, "nameBytes">;

export type DescribeEntry = (
  nameBytes: Buffer,
  dirent: Dirent<Buffer>,
) => EntryFacts | undefined | Promise<EntryFacts | undefined>;

export interface ReadDirectoryLimits {
  /** Names looked at, listed or not: what a request may cost is bounded, not only what it shows. */
  readonly entriesMax: number;
}

export interface DirectoryContent {
  readonly entries: DirectoryEntry[];
  /** false when the folder holds more names than `entriesMax`; which of them were read is chance. */
  readonly isComplete: boolean;
}

/** Beyond this, more lookups at once only fill the queue of Node's 4 file threads. */
const DESCRIBED_AT_ONCE_MAX = 32;
/** Names fetched from the system in one go; Node's 32 makes 100,000 names slow. */
const NAMES_PER_READ = 1024;

/** Meanwhile gone, replaced, or not to be looked at by this process: nobody could get it either. */
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

/** The next names of an open folder, at most `countMax`; fewer only at its end. */
async function readNames(dir: Dir, countMax: number): Promise<Dirent<Buffer>[]> {
  const dirents: Dirent<Buffer>[] = [];
  while (dirents.length < countMax) {
    const dirent = (await dir.read()) as unknown as Dirent<Buffer> | null;
    if (dirent === null) break;
    dirents.push(dirent);
  }
  return dirents;
}

/** What is to be listed of `dirents`, looked up some at a time. */
async function describeAll(
  dirents: readonly Dirent<Buffer>[],
  describe: DescribeEntry,
): Promise<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  let nextIndex = 0;
  async function describeInTurn(): Promise<void> {
    while (nextIndex < dirents.length) {
      const dirent = dirents[nextIndex++]!;
      try {
        const facts = await describe(dirent.name, dirent);
        if (facts !== undefined) entries.push({ nameBytes: dirent.name, ...facts });
      } catch (error) {
        if (isUnlistedError(error)) continue;
        nextIndex = dirents.length; // the other loops need not go on
        throw error;
      }
    }
  }
  const loopCount = Math.min(DESCRIBED_AT_ONCE_MAX, dirents.length);
  await Promise.all(Array.from({ length: loopCount }, describeInTurn));
  return entries;
}

/**
 * The entries of a folder, in no order. Rejects with the system's error when the folder itself
 * cannot be read, or when `describe` fails for another reason than that the entry has vanished.
 */
export async function readDirectory(
  dirPath: string | Buffer,
  describe: DescribeEntry,
  limits: ReadDirectoryLimits,
): Promise<DirectoryContent> {
  const dir = await opendir(dirPath, {
    // The types allow only encodings of text; Node itself takes "buffer" here as for readdir.
    encoding: "buffer" as BufferEncoding,
    bufferSize: NAMES_PER_READ,
  });
  const entries: DirectoryEntry[] = [];
  let namesLeft = limits.entriesMax;
  try {
    while (namesLeft > 0) {
      const dirents = await readNames(dir, Math.min(namesLeft, NAMES_PER_READ));
      if (dirents.length === 0) return { entries, isComplete: true };
      namesLeft -= dirents.length;
      for (const entry of await describeAll(dirents, describe)) entries.push(entry);
    }
    return { entries, isComplete: (await dir.read()) === null };
  } finally {
    await dir.close();
  }
}

/** The path of an entry, as bytes. */
export function joinNameBytes(dirPath: string | Buffer, nameBytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(dirPath), Buffer.from("/"), nameBytes]);
}

/** The facts of a file or directory; undefined for a link, FIFO, socket or device. */
export function describeStats(stats: Stats): EntryFacts | undefined {
  if (stats.isDirectory()) {
    return { kind: "directory", sizeBytes: undefined, modifiedMs: stats.mtimeMs };
  }
  if (!stats.isFile()) return undefined;
  return { kind: "file", sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
}

/** The plainest policy: every file and directory, no symbolic links. */
export function describeByLstat(dirPath: string | Buffer): DescribeEntry {
  return async (nameBytes) => describeStats(await lstat(joinNameBytes(dirPath, nameBytes)));
}
