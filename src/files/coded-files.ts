// Compresses files on the fly, once for each version of a file and each coding, on Node's file threads
// and not on the event loop; keeps the results in a cache of bounded size. One for each server thread.

import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import { readFully } from "../http/read-fully.ts";
import type { ContentCoding } from "./content-encoding.ts";
import type { OpenFile } from "./open-file.ts";

export type CodableFile = Pick<OpenFile, "sizeBytes" | "read" | "isUnchanged">;

/** Below this the coding's own overhead and the two extra fields eat the gain. */
export const CODED_FILE_BYTES_MIN = 1024;
/** Above this a file is worth a compressed sibling, made once and better than we would in a hurry. */
export const CODED_FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Results kept in each thread: the texts of a large site. */
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** What the memory of a result takes beside its bytes and its key. */
export const ENTRY_BYTES = 256;
/** Jobs at once: each holds a file and its result, 8 MiB at most. */
const JOBS_MAX = 8;

const compress: Readonly<Record<ContentCoding, (bytes: Buffer) => Promise<Buffer>>> = {
  // Quality 5 is where brotli is as fast as gzip's 6 and a fifth smaller.
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  zstd: (bytes) => promisify(zstdCompress)(bytes),
  gzip: (bytes) => promisify(gzip)(bytes),
};

export class CodedFiles {
  /** In the order of their last use: the first is the one to go. */
  private readonly results = new Map<string, Buffer>();
  private readonly jobs = new Map<string, Promise<Buffer | undefined>>();
  private readonly cacheBytesMax: number;
  private cachedBytes = 0;

  constructor(cacheBytesMax = CACHE_BYTES_MAX) {
    this.cacheBytesMax = cacheBytesMax;
  }

  /**
   * A file's bytes in a coding; undefined when it was cut short meanwhile, or when too many files are
   * being compressed already and the caller does not wait for its turn.
   * @param version tells versions of files apart: path and tag
   */
  async get(
    file: CodableFile,
    version: string,
    coding: ContentCoding,
    waits = false,
  ): Promise<Buffer | undefined> {
    const key = `${coding} ${version}`;
    const known = this.results.get(key);
    if (known !== undefined) {
      this.results.delete(key);
      this.results.set(key, known);
      return known;
    }
    const running = this.jobs.get(key);
    if (running !== undefined) return running;
    if (this.jobs.size >= JOBS_MAX) {
      if (!waits) return undefined;
      await Promise.race(this.jobs.values()).catch(() => {});
      return this.get(file, version, coding, waits);
    }
    const job = this.run(file, coding);
    this.jobs.set(key, job);
    try {
      const result = await job;
      if (result !== undefined) this.keep(key, result);
      return result;
    } finally {
      this.jobs.delete(key);
    }
  }

  private async run(file: CodableFile, coding: ContentCoding): Promise<Buffer | undefined> {
    const bytes = Buffer.allocUnsafe(file.sizeBytes);
    if ((await readFully(file, bytes, 0)) < bytes.length) return undefined;
    if (!(await file.isUnchanged())) return undefined;
    const result = await compress[coding](bytes);
    // It is a view of a block of 64 KiB or more, all of which it would keep from being freed.
    const exact = Buffer.allocUnsafeSlow(result.length);
    result.copy(exact);
    return exact;
  }

  private keep(key: string, result: Buffer): void {
    if (entryBytes(key, result) > this.cacheBytesMax) return;
    this.results.set(key, result);
    this.cachedBytes += entryBytes(key, result);
    for (const [oldestKey, oldest] of this.results) {
      if (this.cachedBytes <= this.cacheBytesMax) break;
      this.results.delete(oldestKey);
      this.cachedBytes -= entryBytes(oldestKey, oldest);
    }
  }
}

function entryBytes(key: string, result: Buffer): number {
  return key.length + result.length + ENTRY_BYTES;
}
