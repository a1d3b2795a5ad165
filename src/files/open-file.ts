// Opens what a safe path names and says what it is, from the opened handle itself: never look first
// and open then, because the folder changes while it is served. Folders are opened too, so that the
// same check of symbolic links covers them. All of it without waiting: the kernel has the answers in
// memory nearly always, and asking it through Node's file threads takes ten times its time.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  read,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import type { ByteSource } from "../http/reply.ts";
import { ReadSamples, SAMPLE_BYTES_MAX } from "./read-samples.ts";
import type { SafePath } from "./resolve-path.ts";
import { isLinkAllowed, isServedType, isVisible, type ServingRules } from "./serving-rules.ts";
import { SMALL_BODY_BYTES_MAX } from "./small-body.ts";

export interface ServedFolder {
  /** Absolute real path. */
  readonly rootDir: string;
  readonly rules: ServingRules;
}

export type OpenOutcome =
  | { readonly kind: "file"; readonly file: OpenFile }
  | { readonly kind: "folder"; readonly folder: OpenFolder }
  /** Not there, not of a kind that is served, or not to be seen: 404, and nobody learns which. */
  | { readonly kind: "absent" }
  /** There, but this process may not read it. */
  | { readonly kind: "forbidden" }
  /** No descriptors are left; trying again later helps. */
  | { readonly kind: "busy" };

const ABSENT = { kind: "absent" } as const;
// NONBLOCK: opening a FIFO would wait for a writer; NOCTTY: a terminal must not become ours.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** A container or a chroot may be without /proc, on Linux too: then the ways of other systems are taken. */
const HAS_PROC_FD = process.platform === "linux" && existsSync("/proc/self/fd");

/** A file that was written to within this time may be a log that grows as it is read. */
const YOUNG_MS = 1000;
/** Each takes microseconds: whoever writes in all of them writes more than can be served. */
const PIN_ATTEMPTS_MAX = 16;
/** Milliseconds that a writer may be put off the processor between the two halves of an append. */
const APPEND_WAITS_MAX = 20;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));
/** What the kernel puts behind the path of an open file whose name was taken away since. */
const DELETED_MARK = Buffer.from(" (deleted)");
/** A piece that is in memory is there in a tenth of this; one from a disk is not. */
const SLOW_READ_MS = 1;

/** An open regular file, and its facts as they were when it was opened. */
export class OpenFile implements ByteSource {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  private readonly fd: number;
  private readonly inode: number;
  private readonly changedMs: number;
  private isOpen = true;
  /** Whether its disk keeps us waiting: then other threads do. */
  private isSlow = false;
  /** undefined when growth is not to be told from another version. */
  private samples: ReadSamples | undefined;

  constructor(fd: number, stats: Stats) {
    this.fd = fd;
    this.sizeBytes = stats.size;
    this.modifiedMs = stats.mtimeMs;
    this.inode = stats.ino;
    this.changedMs = stats.ctimeMs;
  }

  /** Another for each file and each change of it, also where the time above was set back. */
  get versionKey(): string {
    return `${this.inode} ${this.changedMs}`;
  }

  /**
   * Reads the beginning, which should be in memory, while the facts still hold: from then on
   * isUnchanged knows growth. False when they hold no more.
   */
  pinBeginning(): boolean {
    // What is empty and grows is about to be written: it is read again.
    if (this.sizeBytes === 0) return true;
    const beginning = Buffer.allocUnsafe(Math.min(SAMPLE_BYTES_MAX, this.sizeBytes));
    const readBytes = readSync(this.fd, beginning, 0, beginning.length, 0);
    if (!this.hasFactsOf(fstatSync(this.fd))) return false;
    this.samples = new ReadSamples();
    this.samples.add(0, beginning.subarray(0, readBytes));
    return true;
  }

  read(into: Buffer, position: number): number | Promise<number> {
    if (this.isSlow) return this.readElsewhere(into, position);
    const startedMs = systemClock.monotonicMs();
    const bytes = readSync(this.fd, into, 0, into.length, position);
    this.isSlow = systemClock.monotonicMs() - startedMs > SLOW_READ_MS;
    this.samples?.add(position, into.subarray(0, bytes));
    return bytes;
  }

  private readElsewhere(into: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.fd, into, 0, into.length, position, (error, bytes) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.samples?.add(position, into.subarray(0, bytes));
        resolve(bytes);
      });
    });
  }

  /**
   * Whether what was read is of the file as it was opened. A file that has only grown, as a log does,
   * still is, if its beginning was pinned; one that was written anew in place is not, even when it is
   * longer now.
   */
  isUnchanged(): boolean {
    // Synchronous: the kernel has the answer in memory, and a thread's time costs more than the call.
    let stats = fstatSync(this.fd);
    if (this.hasFactsOf(stats)) return true;
    // An append sets the time first and the size a moment later: was it one, the size will show it.
    for (let waits = 0; stats.size === this.sizeBytes && waits < APPEND_WAITS_MAX; waits++) {
      Atomics.wait(NEVER_WOKEN, 0, 0, 1);
      stats = fstatSync(this.fd);
    }
    return stats.size > this.sizeBytes && this.samples?.areIn(this.fd) === true;
  }

  private hasFactsOf(stats: Stats): boolean {
    return stats.mtimeMs === this.modifiedMs && stats.size === this.sizeBytes;
  }

  close(): void {
    assert(this.isOpen, "a file is closed once: its number may be another file's by now");
    this.isOpen = false;
    closeQuietly(this.fd);
  }
}

/** An open folder: who reads it reads the very one that was checked, whatever its path names by then. */
export class OpenFolder {
  /** For the system calls that read it. */
  readonly readPath: Buffer;
  private readonly fd: number;
  private isOpen = true;

  constructor(fd: number, systemPath: Buffer) {
    this.fd = fd;
    this.readPath = HAS_PROC_FD ? Buffer.from(`/proc/self/fd/${fd}`) : systemPath;
  }

  release(): void {
    assert(this.isOpen, "a folder is released once: its number may be another file's by now");
    this.isOpen = false;
    closeQuietly(this.fd);
  }
}

/**
 * Opens what `path` names.
 * @param isOfServedType other than the rules say, for files that are sent under another's name
 * @throws what the system says beyond absence, permission and exhaustion
 */
export function openServed(
  folder: ServedFolder,
  path: SafePath,
  isOfServedType: (name: string) => boolean = (name) => isServedType(folder.rules, name),
): OpenOutcome {
  if (!isVisible(folder.rules, path)) return ABSENT;
  const systemPath = toSystemPath(folder, path.path);
  let fd: number;
  try {
    fd = openSync(systemPath, OPEN_FLAGS);
  } catch (error) {
    return outcomeOfError(error as NodeJS.ErrnoException);
  }
  let isKept = false;
  try {
    const stats = fstatSync(fd);
    if (!isReachable(folder, systemPath, fd, stats)) return ABSENT;
    if (stats.isDirectory()) {
      isKept = true;
      return { kind: "folder", folder: new OpenFolder(fd, systemPath) };
    }
    const name = path.segments.at(-1) ?? "";
    if (!stats.isFile() || path.isFolderForm || !isOfServedType(name)) return ABSENT;
    const file = pinIfGrowing(fd, new OpenFile(fd, stats));
    isKept = true;
    return { kind: "file", file };
  } finally {
    if (!isKept) closeQuietly(fd);
  }
}

/** The same where only a file is of use: a folder of that name is as good as absent. */
export function openServedFile(
  folder: ServedFolder,
  path: SafePath,
  isOfServedType?: (name: string) => boolean,
): Exclude<OpenOutcome, { kind: "folder" }> {
  const opened = openServed(folder, path, isOfServedType);
  if (opened.kind !== "folder") return opened;
  opened.folder.release();
  return ABSENT;
}

/**
 * The file, or its facts of a moment later. Small files are read whole before their head leaves
 * (small-body.ts): a change meanwhile is rare, and they are just read again.
 */
function pinIfGrowing(fd: number, opened: OpenFile): OpenFile {
  const isYoung = systemClock.wallMs() - opened.modifiedMs < YOUNG_MS;
  if (!isYoung && opened.sizeBytes <= SMALL_BODY_BYTES_MAX) return opened;
  // From the disk, however long that takes; then it is in memory.
  readSync(fd, Buffer.allocUnsafe(SAMPLE_BYTES_MAX), 0, SAMPLE_BYTES_MAX, 0);
  let file = opened;
  for (let attempt = 1; attempt <= PIN_ATTEMPTS_MAX && !file.pinBeginning(); attempt++) {
    file = new OpenFile(fd, fstatSync(fd));
  }
  return file;
}

/** The path for the system calls, as bytes: names need not be UTF-8. */
export function toSystemPath(folder: ServedFolder, latin1Path: string): Buffer {
  const root = folder.rootDir === "/" ? "" : folder.rootDir;
  if (latin1Path === "") return Buffer.from(folder.rootDir);
  return Buffer.concat([Buffer.from(root), Buffer.from(latin1Path, "latin1")]);
}

/** Whether the symbolic links on the way, if any, may be followed to what was opened. */
function isReachable(folder: ServedFolder, systemPath: Buffer, fd: number, stats: Stats): boolean {
  if (folder.rules.symlinks === "follow") return true;
  const realPath = readRealPath(systemPath, fd, stats);
  if (realPath === undefined) return false;
  if (isLinkAllowed(folder.rules, Buffer.from(folder.rootDir), systemPath, realPath)) return true;
  // It had its name when it was opened, and another has it by now; unless that is a name, too.
  const isMarked = HAS_PROC_FD && realPath.equals(Buffer.concat([systemPath, DELETED_MARK]));
  return isMarked && !liesAt(realPath, stats);
}

/** Where an opened file really lies; undefined when that cannot be told. */
function readRealPath(path: Buffer, fd: number, stats: Stats): Buffer | undefined {
  // The kernel's own word about this very descriptor: no link can be swapped in between.
  if (HAS_PROC_FD) return readlinkSync(`/proc/self/fd/${fd}`, { encoding: "buffer" });
  const realPath = realpathSync(path, { encoding: "buffer" });
  return liesAt(realPath, stats) ? realPath : undefined;
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
  try {
    closeSync(fd);
  } catch {
    // Nothing was written: there is no error here that anyone could act on.
  }
}
