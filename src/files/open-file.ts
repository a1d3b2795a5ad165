// Opens what a safe path names and says what it is, from the opened handle itself: never look first
// and open then, because the folder changes while it is served. Folders are opened too, so that the
// same check of symbolic links covers them.

import { close, constants, fstat, fstatSync, open, read, readSync, type Stats } from "node:fs";
import { readlink, realpath, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { assert } from "../base/assert.ts";
import type { ByteSource } from "../http/reply.ts";
import type { SafePath } from "./resolve-path.ts";
import { isLinkAllowed, isServedType, isVisible, type ServingRules } from "./serving-rules.ts";

export interface ServedFolder {
  /** Absolute real path. */
  readonly rootDir: string;
  readonly rules: ServingRules;
}

export type OpenOutcome =
  | { readonly kind: "file"; readonly file: OpenFile }
  /** The folder's path for the system; nothing is left open. */
  | { readonly kind: "folder"; readonly systemPath: Buffer }
  /** Not there, not of a kind that is served, or not to be seen: 404, and nobody learns which. */
  | { readonly kind: "absent" }
  /** There, but this process may not read it. */
  | { readonly kind: "forbidden" }
  /** No descriptors are left; trying again later helps. */
  | { readonly kind: "busy" };

const ABSENT: OpenOutcome = { kind: "absent" };
// NONBLOCK: opening a FIFO would wait for a writer; NOCTTY: a terminal must not become ours.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const HAS_PROC_FD = process.platform === "linux";

const openAsync = promisify(open);
const fstatAsync = promisify(fstat);

/** Bytes at the start of what was read that are compared when a file has grown meanwhile. */
const COMPARED_BYTES = 4096;

/** An open regular file, and its facts as they were when it was opened. */
export class OpenFile implements ByteSource {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  private readonly fd: number;
  private isOpen = true;
  private firstRead: { readonly position: number; readonly bytes: Buffer } | undefined;

  constructor(fd: number, stats: Stats) {
    this.fd = fd;
    this.sizeBytes = stats.size;
    this.modifiedMs = stats.mtimeMs;
  }

  read(into: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.fd, into, 0, into.length, position, (error, bytes) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.firstRead ??= {
          position,
          bytes: Buffer.from(into.subarray(0, Math.min(bytes, COMPARED_BYTES))),
        };
        resolve(bytes);
      });
    });
  }

  /**
   * Whether what was read is of the file as it was opened. A file that has only grown, as a log does,
   * still is; one that was written anew in place is not, even when it is longer now.
   */
  isUnchanged(): boolean {
    // Synchronous: the kernel has the answer in memory, and a thread's time costs more than the call.
    const stats = fstatSync(this.fd);
    if (stats.mtimeMs === this.modifiedMs && stats.size === this.sizeBytes) return true;
    if (stats.size <= this.sizeBytes || this.firstRead === undefined) return false;
    const { position, bytes } = this.firstRead;
    const again = Buffer.alloc(bytes.length);
    return (
      readSync(this.fd, again, 0, again.length, position) === bytes.length && again.equals(bytes)
    );
  }

  close(): void {
    assert(this.isOpen, "a file is closed once: its number may be another file's by now");
    this.isOpen = false;
    closeQuietly(this.fd);
  }
}

/**
 * Opens what `path` names.
 * @param isOfServedType other than the rules say, for files that are sent under another's name
 * @throws what the system says beyond absence, permission and exhaustion
 */
export async function openServed(
  folder: ServedFolder,
  path: SafePath,
  isOfServedType: (name: string) => boolean = (name) => isServedType(folder.rules, name),
): Promise<OpenOutcome> {
  if (!isVisible(folder.rules, path)) return ABSENT;
  const systemPath = toSystemPath(folder, path.path);
  let fd: number;
  try {
    fd = await openAsync(systemPath, OPEN_FLAGS);
  } catch (error) {
    return outcomeOfError(error as NodeJS.ErrnoException);
  }
  let isKept = false;
  try {
    const stats = await fstatAsync(fd);
    if (!(await isReachable(folder, systemPath, fd, stats))) return ABSENT;
    if (stats.isDirectory()) return { kind: "folder", systemPath };
    const name = path.segments.at(-1) ?? "";
    if (!stats.isFile() || path.isFolderForm || !isOfServedType(name)) return ABSENT;
    isKept = true;
    return { kind: "file", file: new OpenFile(fd, stats) };
  } finally {
    if (!isKept) closeQuietly(fd);
  }
}

/** The path for the system calls, as bytes: names need not be UTF-8. */
export function toSystemPath(folder: ServedFolder, latin1Path: string): Buffer {
  const root = folder.rootDir === "/" ? "" : folder.rootDir;
  if (latin1Path === "") return Buffer.from(folder.rootDir);
  return Buffer.concat([Buffer.from(root), Buffer.from(latin1Path, "latin1")]);
}

/** Whether the symbolic links on the way, if any, may be followed to what was opened. */
async function isReachable(
  folder: ServedFolder,
  systemPath: Buffer,
  fd: number,
  stats: Stats,
): Promise<boolean> {
  if (folder.rules.symlinks === "follow") return true;
  const realPath = await readRealPath(systemPath, fd, stats);
  const root = Buffer.from(folder.rootDir);
  return realPath !== undefined && isLinkAllowed(folder.rules, root, systemPath, realPath);
}

/** Where an opened file really lies; undefined when that cannot be told. */
async function readRealPath(path: Buffer, fd: number, stats: Stats): Promise<Buffer | undefined> {
  // The kernel's own word about this very descriptor: no link can be swapped in between.
  if (HAS_PROC_FD) return readlink(`/proc/self/fd/${fd}`, { encoding: "buffer" });
  const realPath = await realpath(path, { encoding: "buffer" });
  const there = await stat(realPath);
  return there.dev === stats.dev && there.ino === stats.ino ? realPath : undefined;
}

function outcomeOfError(error: NodeJS.ErrnoException): OpenOutcome {
  switch (error.code) {
    // No such thing; a file where a folder should be; a name too long for any file; links that
    // turn in a circle; a socket, or a device without a driver.
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

function closeQuietly(fd: number): void {
  // Nothing was written: there is no error here that anyone could act on.
  close(fd, () => {});
}
