// An open file and an open folder, each with the facts that were true when it was opened, and the one rule
// for files that change meanwhile (repeatWhileChanging). open-served.ts makes them. System calls are
// synchronous: the kernel nearly always has the answers in memory, and a detour through Node's file threads
// takes ten times as long. Files that may keep their caller waiting are opened on a thread that waits for
// nothing else (mount/mount-thread.ts).

import { fstatSync, read, readSync, type Stats } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { assert } from "../../base/assert.ts";
import { systemClock } from "../../base/clock.ts";
import { closeQuietly } from "../../base/files.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { type ByteSource, readFully, SourceChangedError } from "../../http/source.ts";

/**
 * How often one answer opens a file that changes while it is read. An attempt takes some tenths of a
 * millisecond, and a program that writes at every such moment writes more than can be served.
 */
export const ATTEMPTS_MAX = 8;
/** The kernel may keep a writer off the processor for this long between the two halves of an append. */
const APPEND_MS = 20;
/** Reading a piece from memory takes a tenth of this; from a disk it takes longer. */
const SLOW_READ_MS = 1;

/**
 * The one place that tries again when a file changes while it is read. Everything that reads a file
 * throws SourceChangedError then, and never tries again by itself: one answer opens a file
 * ATTEMPTS_MAX times at most.
 * @param attempt opens and reads the file as a whole, from the start; it holds nothing when it throws
 * @throws SourceChangedError when the file has changed in the last attempt, too
 */
export async function repeatWhileChanging<Result>(
  attempt: () => Result | Promise<Result>,
): Promise<Result> {
  for (let attemptsLeft = ATTEMPTS_MAX - 1; ; attemptsLeft--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SourceChangedError) || attemptsLeft === 0) throw error;
    }
  }
}

/** An open regular file, and its facts as they were when it was opened. */
export class OpenFile implements ByteSource {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** When the file, or any fact about it, last changed: no program can set this time. */
  readonly changedMs: number;
  /** The rights to read, write and execute it: the lowest nine bits of its mode. */
  readonly permissions: number;
  readonly #fd: number;
  readonly #inode: number;
  readonly #device: number;
  #isOpen: boolean;
  /** Whether its disk has kept us waiting: from then on other threads read it. */
  #isSlow: boolean;
  /** Undefined where growth and another version look the same. */
  readonly #samples: ReadSamples | undefined;

  /**
   * @param stats of the open file
   * @param beginning its first bytes, read before `stats`: with them isUnchanged recognises growth. If
   *   the file was rewritten between the two, they are not found in it later, and it counts as changed.
   */
  constructor(fd: number, stats: Stats, beginning?: Buffer) {
    this.#fd = fd;
    this.#isOpen = true;
    this.#isSlow = false;
    this.sizeBytes = stats.size;
    this.modifiedMs = stats.mtimeMs;
    this.permissions = stats.mode & 0o777;
    this.changedMs = stats.ctimeMs;
    this.#inode = stats.ino;
    this.#device = stats.dev;
    // An empty file that grows is about to be written, and so becomes another version.
    if (beginning === undefined || beginning.length === 0 || stats.size === 0) return;
    this.#samples = new ReadSamples();
    this.#samples.add(0, beginning);
  }

  /** Differs for each file and each change of it, even if somebody set its time back. */
  get versionKey(): string {
    return `${this.#device} ${this.#inode} ${this.changedMs}`;
  }

  read(into: Buffer, position: number): number | Promise<number> {
    if (this.#isSlow) return this.#readElsewhere(into, position);
    const startedMs = systemClock.monotonicMs();
    const bytes = readSync(this.#fd, into, 0, into.length, position);
    this.#isSlow = systemClock.monotonicMs() - startedMs > SLOW_READ_MS;
    this.#samples?.add(position, into.subarray(0, bytes));
    return bytes;
  }

  #readElsewhere(into: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, into, 0, into.length, position, (error, bytes) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.#samples?.add(position, into.subarray(0, bytes));
        resolve(bytes);
      });
    });
  }

  /**
   * Whether everything that was read belongs to the file as it was opened. This is true for a file that has
   * only grown, as a log does, if its beginning is known. It is false for a file that was rewritten in place,
   * even if it is longer now. For an answer that can still be made again.
   */
  isUnchangedNow(): boolean {
    const stats = fstatSync(this.#fd);
    return this.#hasFactsOf(stats) || this.#hasOnlyGrown(stats);
  }

  /**
   * The same for an answer that has partly left and can only be cut short. An append sets the file's time
   * first and its size a moment later: where only the time differs, the file is looked at once more after
   * that moment.
   */
  isUnchanged(): boolean | Promise<boolean> {
    const stats = fstatSync(this.#fd);
    if (this.#hasFactsOf(stats)) return true;
    const mayBeGrowing = stats.size === this.sizeBytes && this.#samples !== undefined;
    return mayBeGrowing ? this.#hasGrownSoon() : this.#hasOnlyGrown(stats);
  }

  async #hasGrownSoon(): Promise<boolean> {
    await wait(APPEND_MS);
    // The caller may have closed the file meanwhile.
    return this.#isOpen && this.#hasOnlyGrown(fstatSync(this.#fd));
  }

  #hasOnlyGrown({ size }: Stats): boolean {
    return size > this.sizeBytes && this.#samples?.areIn(this.#fd) === true;
  }

  #hasFactsOf(stats: Stats): boolean {
    return stats.mtimeMs === this.modifiedMs && stats.size === this.sizeBytes;
  }

  close(): void {
    assert(this.#isOpen, "a file is closed once: its number may be another file's by now");
    this.#isOpen = false;
    closeQuietly(this.#fd);
  }
}

/** An open folder: what is read of it is the folder that was checked, whatever its path names by then. */
export class OpenFolder {
  /** For the system calls that read it. */
  readonly readPath: Buffer;
  /** Whether this process may read its names; it may enter it in any case. */
  readonly isReadable: boolean;
  readonly #fd: number;
  #isOpen = true;

  constructor(fd: number, readPath: Buffer, isReadable: boolean) {
    this.#fd = fd;
    this.readPath = readPath;
    this.isReadable = isReadable;
  }

  release(): void {
    assert(this.#isOpen, "a folder is released once: its number may be another file's by now");
    this.#isOpen = false;
    closeQuietly(this.#fd);
  }
}

/** Bytes of one sample: a block of most file systems. */
export const SAMPLE_BYTES_MAX = 4096;
/** Comparing them at the end takes a millisecond. */
const SAMPLES_MAX = 64;

interface Sample {
  readonly position: number;
  readonly lengthBytes: number;
  readonly checksum: number;
}

/**
 * Checksums of parts of what was read of a file. They show later whether a file that has grown was only
 * appended to, as a log is, or rewritten. There is a bound on them, however long the file is.
 */
export class ReadSamples {
  #samples: Sample[] = [];
  #readCount = 0;
  #readsPerSample = 1;

  get count(): number {
    return this.#samples.length;
  }

  /** Called after each read. */
  add(position: number, bytes: Buffer): void {
    const isTaken = this.#readCount % this.#readsPerSample === 0;
    this.#readCount++;
    if (!isTaken) return;
    if (this.#samples.length === SAMPLES_MAX) {
      // Half as many, twice as far apart: they still cover everything that was read.
      this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
      this.#readsPerSample *= 2;
    }
    const sample = bytes.subarray(0, SAMPLE_BYTES_MAX);
    this.#samples.push({ position, lengthBytes: sample.length, checksum: crc32(sample) });
  }

  /** Whether the open file has the same bytes in all these places now. */
  areIn(fd: number): boolean {
    const again = Buffer.allocUnsafe(SAMPLE_BYTES_MAX);
    return this.#samples.every(({ position, lengthBytes, checksum }) => {
      const readBytes = readSync(fd, again, 0, lengthBytes, position);
      return readBytes === lengthBytes && crc32(again.subarray(0, lengthBytes)) === checksum;
    });
  }
}

// A small body is read before its head leaves. It then goes out in one write with its head, and if the file
// was written to meanwhile, the answer can still be made again. Larger bodies are read while they are sent
// (http1/response-writer.ts), and cut short when their file changes.

/** What an engine writes in one go: most pages, scripts and small pictures. */
export const SMALL_BODY_BYTES_MAX = 64 * 1024;

/**
 * The reply with its body as bytes, if it is small. "changed" when the bytes belong to no single version, or
 * when a large file has already become another version than the reply describes.
 */
export async function loadBufferedBody(
  head: RequestHead,
  reply: Reply,
  bytesMax = SMALL_BODY_BYTES_MAX,
): Promise<Reply | "changed"> {
  const { body } = reply;
  // The answer to HEAD has the fields of the body, but no body to read.
  if (body.kind !== "source" || head.method === "HEAD") return reply;
  if (body.lengthBytes > bytesMax) return await keepUnchanged(reply, body.source);
  const bytes = Buffer.allocUnsafe(body.lengthBytes);
  try {
    const reading = readFully(body.source, bytes, body.offsetBytes);
    const readBytes = typeof reading === "number" ? reading : await reading;
    if (readBytes < bytes.length) return "changed";
    const isUnchanged = body.source.isUnchanged();
    if (!(typeof isUnchanged === "boolean" ? isUnchanged : await isUnchanged)) return "changed";
  } finally {
    body.source.close();
  }
  return { ...reply, body: { kind: "bytes", bytes } };
}

/** Before the head leaves, an answer can be made again; after that it can only be cut short. */
async function keepUnchanged(reply: Reply, source: ByteSource): Promise<Reply | "changed"> {
  let isKept = false;
  try {
    isKept = await source.isUnchanged();
    return isKept ? reply : "changed";
  } finally {
    if (!isKept) source.close();
  }
}
