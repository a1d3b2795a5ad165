// Opens what a safe path names and says what it is, from the opened handle itself. Looking first and
// opening then would be wrong, because the folder changes while it is served. Folders are opened too, so
// that the same check of symbolic links covers them.

import {
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { systemClock } from "../../base/clock.ts";
import { closeQuietly } from "../../base/files.ts";
import { SlowPlaceError } from "../mount/table.ts";
import type { SafePath } from "../path.ts";
import { isLinkAllowed, isServedType, isVisible, type ServedFolder } from "../served-folder.ts";
import { OpenFile, OpenFolder, SAMPLE_BYTES_MAX, SMALL_BODY_BYTES_MAX } from "./open-file.ts";

export type OpenOutcome =
  | { readonly kind: "file"; readonly file: OpenFile }
  | { readonly kind: "folder"; readonly folder: OpenFolder }
  /** Not there, not of a kind that is served, or hidden: 404, and the client never learns which. */
  | { readonly kind: "absent" }
  /** There, but this process may not read it. */
  | { readonly kind: "forbidden" }
  /** No descriptors are left; trying again later helps. */
  | { readonly kind: "busy" };

const ABSENT = { kind: "absent" } as const;
// NONBLOCK: opening a FIFO would wait for a writer; NOCTTY: a terminal must not become ours.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** open(2): a handle that only names a folder, for which the right to enter it is enough. */
const O_PATH = 0o10000000;
const ENTER_FLAGS = O_PATH | constants.O_DIRECTORY;

/** A file that was written to within this time may be a log that grows while it is read. */
const YOUNG_MS = 1000;
/** The kernel appends this to the path of an open file whose name is gone. */
const DELETED_MARK = Buffer.from(" (deleted)");

let hasProcFd: boolean | undefined;

/** Whether the kernel says where an open descriptor lies. Tried once, because /proc may be missing. */
function canAskProc(): boolean {
  if (hasProcFd === undefined) {
    try {
      hasProcFd = process.platform === "linux" && statSync("/proc/self/fd").isDirectory();
    } catch {
      hasProcFd = false;
    }
  }
  return hasProcFd;
}

/**
 * Opens what `path` names.
 * @param types "any" for files that are sent under another's name, so that its type decides
 * @throws SlowPlaceError when the folder is not to wait for what lies there
 * @throws what the system says beyond absence, permission and exhaustion
 */
export function openServed(
  folder: ServedFolder,
  path: SafePath,
  types: "served" | "any" = "served",
): OpenOutcome {
  const { rules, rootDir, mounts, slowMount } = folder;
  if (!isVisible(rules, path)) return ABSENT;
  const mount = slowMount ?? (mounts?.hasSlow ? mounts.locate(rootDir, path.path) : undefined);
  if (mount !== undefined) throw new SlowPlaceError(mount);
  const systemPath = toSystemPath(folder, path.path);
  let fd: number;
  let isReadable = true;
  try {
    fd = openSync(systemPath, OPEN_FLAGS);
  } catch (error) {
    const outcome = outcomeOfError(error as NodeJS.ErrnoException);
    // A folder whose names this process may not read may still be entered.
    const entered = outcome.kind === "forbidden" ? openToEnter(systemPath) : undefined;
    if (entered === undefined) return outcome;
    fd = entered;
    isReadable = false;
  }
  let isKept = false;
  try {
    const stats = fstatSync(fd);
    if (!isReachable(folder, systemPath, fd, stats)) return ABSENT;
    if (stats.isDirectory()) {
      const readPath = canAskProc() ? Buffer.from(`/proc/self/fd/${fd}`) : systemPath;
      isKept = true;
      return { kind: "folder", folder: new OpenFolder(fd, readPath, isReadable) };
    }
    if (!stats.isFile() || path.isFolderForm) return ABSENT;
    const isAnyServed = types === "any" || rules.types === undefined;
    if (!isAnyServed && !isServedType(rules, path.segments.at(-1) ?? "")) return ABSENT;
    const file = openFile(fd, stats);
    isKept = true;
    return { kind: "file", file };
  } finally {
    if (!isKept) closeQuietly(fd);
  }
}

/** The same where only a file is of use: a folder of that name counts as absent. */
export function openServedFile(
  folder: ServedFolder,
  path: SafePath,
  types?: "served" | "any",
): Exclude<OpenOutcome, { kind: "folder" }> {
  const opened = openServed(folder, path, types);
  if (opened.kind !== "folder") return opened;
  opened.folder.release();
  return ABSENT;
}

function openToEnter(systemPath: Buffer): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return openSync(systemPath, ENTER_FLAGS);
  } catch {
    return undefined;
  }
}

/**
 * A file that may grow while it is read, as a log does, is read before its facts are taken: in this order
 * one look is enough, however fast it grows. A small file that is older than that is read whole before
 * its head leaves (open-file.ts), and opened again if it has changed by then.
 */
function openFile(fd: number, stats: Stats): OpenFile {
  const isYoung = systemClock.wallMs() - stats.mtimeMs < YOUNG_MS;
  if (!isYoung && stats.size <= SMALL_BODY_BYTES_MAX) return new OpenFile(fd, stats);
  const beginning = Buffer.allocUnsafe(SAMPLE_BYTES_MAX);
  const readBytes = readSync(fd, beginning, 0, beginning.length, 0);
  return new OpenFile(fd, fstatSync(fd), beginning.subarray(0, readBytes));
}

/** The path for the system calls, as bytes: names need not be UTF-8. */
export function toSystemPath(folder: ServedFolder, latin1Path: string): Buffer {
  const root = folder.rootDir === "/" ? "" : folder.rootDir;
  if (latin1Path === "") return Buffer.from(folder.rootDir);
  return Buffer.concat([Buffer.from(root), Buffer.from(latin1Path, "latin1")]);
}

/**
 * Whether the symbolic links on the way, if any, may be followed to what was opened, and whether that is
 * content at all and not one of the program's own files.
 */
function isReachable(folder: ServedFolder, systemPath: Buffer, fd: number, stats: Stats): boolean {
  const { rules, rootDir } = folder;
  const { ownFiles } = rules;
  if (ownFiles?.hasIdentity(stats) === true) return false;
  if (rules.symlinks === "follow" && ownFiles === undefined) return true;
  const hasProc = canAskProc();
  // The kernel speaks about this very descriptor: no link can be swapped in between.
  const realPath = hasProc
    ? readlinkSync(`/proc/self/fd/${fd}`, { encoding: "buffer" })
    : readRealPath(systemPath, stats);
  if (realPath === undefined) return rules.symlinks === "follow";
  if (ownFiles?.hasPath(realPath) === true) return false;
  if (isLinkAllowed(rules, Buffer.from(rootDir), systemPath, realPath)) return true;
  // It had its name when it was opened, and another file has the name by now. But a file may also be
  // named like that.
  const isMarked = hasProc && realPath.equals(Buffer.concat([systemPath, DELETED_MARK]));
  return isMarked && !liesAt(realPath, stats);
}

/** Where an opened file really lies, by its name; undefined when that cannot be known. */
function readRealPath(path: Buffer, stats: Stats): Buffer | undefined {
  try {
    const realPath = realpathSync.native(path, { encoding: "buffer" });
    return liesAt(realPath, stats) ? realPath : undefined;
  } catch {
    return undefined;
  }
}

function liesAt(path: Buffer, { dev, ino }: Stats): boolean {
  try {
    const there = statSync(path);
    return there.dev === dev && there.ino === ino;
  } catch {
    return false;
  }
}

function outcomeOfError(error: NodeJS.ErrnoException): OpenOutcome {
  switch (error.code) {
    // Nothing of that name; a file where a folder should be; a name that is too long for any file; links
    // that turn in a circle; a socket, or a device without a driver.
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
    case "ENXIO":
    case "ENODEV":
      return ABSENT;
    case "EACCES":
    case "EPERM":
      return { kind: "forbidden" };
    case "EMFILE":
    case "ENFILE":
    case "ENOMEM":
      return { kind: "busy" };
    default:
      throw error;
  }
}
