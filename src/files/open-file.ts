// An open file and an open folder, each with the facts that were true when it was opened. Made by
// open-served.ts. Their calls are made at once: the kernel has the answers in memory nearly always,
// and asking it through Node's file threads takes ten times as long. Files that may keep their
// caller waiting are opened on a thread that waits for nothing else (server/mount-thread.ts).

import { fstatSync, read, readSync, type Stats } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import { closeQuietly } from "../base/close-quietly.ts";
import type { ByteSource } from "../http/reply.ts";
import { ReadSamples, SAMPLE_BYTES_MAX } from "./read-samples.ts";

/** Milliseconds that a writer may be put off the processor between the two halves of an append. */
const APPEND_WAITS_MAX = 20;
/** A piece that is in memory is there in a tenth of this; one from a disk is not. */
const SLOW_READ_MS = 1;

/** An open regular file, and its facts as they were when it was opened. */
export class OpenFile implements ByteSource {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** When the file, or anything that is known of it, changed last: no program can set this time. */
  readonly changedMs: number;
  /** Who may read, write and run it: the lowest nine bits of its mode. */
  readonly permissions: number;
  private readonly fd: number;
  private readonly inode: number;
  private readonly device: number;
  private isOpen = true;
  /** Whether its disk keeps us waiting: then other threads do. */
  private isSlow = false;
  /** undefined when growth is not to be told from another version. */
  private samples: ReadSamples | undefined;

  constructor(fd: number, stats: Stats) {
    this.fd = fd;
    this.sizeBytes = stats.size;
    this.modifiedMs = stats.mtimeMs;
    this.permissions = stats.mode & 0o777;
    this.changedMs = stats.ctimeMs;
    this.inode = stats.ino;
    this.device = stats.dev;
  }

  /** Another for each file and each change of it, also where the time above was set back. */
  get versionKey(): string {
    return `${this.device} ${this.inode} ${this.changedMs}`;
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
   * longer now. At once, unless the file is being written to at this moment.
   */
  isUnchanged(): boolean | Promise<boolean> {
    const stats = fstatSync(this.fd);
    if (this.hasFactsOf(stats)) return true;
    if (stats.size > this.sizeBytes) return this.hasOnlyGrown();
    return stats.size === this.sizeBytes ? this.waitForSize() : false;
  }

  /** An append sets the time first and the size a moment later: was it one, the size will show it. */
  private async waitForSize(): Promise<boolean> {
    for (let waits = 0; waits < APPEND_WAITS_MAX; waits++) {
      await wait(1);
      // Whoever asked may have let go of the file meanwhile.
      if (!this.isOpen) return false;
      const { size } = fstatSync(this.fd);
      if (size !== this.sizeBytes) return size > this.sizeBytes && this.hasOnlyGrown();
    }
    return false;
  }

  private hasOnlyGrown(): boolean {
    return this.samples?.areIn(this.fd) === true;
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
  /** Whether this process may read its names; it may enter it in any case. */
  readonly isReadable: boolean;
  private readonly fd: number;
  private isOpen = true;

  constructor(fd: number, readPath: Buffer, isReadable: boolean) {
    this.fd = fd;
    this.readPath = readPath;
    this.isReadable = isReadable;
  }

  release(): void {
    assert(this.isOpen, "a folder is released once: its number may be another file's by now");
    this.isOpen = false;
    closeQuietly(this.fd);
  }
}
