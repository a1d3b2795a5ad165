// A folder and everything below it as the bytes of a zip, made while they are sent: nothing is read
// ahead of who takes them, one file is open at a time, and whoever ends it early has it closed. What is
// in it is what requests would get, one by one. Called by zip-answer.ts; it knows no client.

import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw, deflateRawSync } from "node:zlib";
import { systemClock } from "../base/clock.ts";
import { gainsFromCoding } from "../files/content-encoding.ts";
import { contentTypeOf } from "../files/mime-type.ts";
import {
  type OpenFile,
  type OpenFolder,
  openServed,
  openServedFile,
  type ServedFolder,
} from "../files/open-file.ts";
import { childPath, type SafePath } from "../files/resolve-path.ts";
import { ZipRecords } from "../files/zip-records.ts";
import { type BodyPart, SourceChangedError } from "../http/reply.ts";
import type { DirectoryEntry } from "../listing/listing-entry.ts";
import { readDirectory } from "../listing/read-directory.ts";
import { sortByName } from "../listing/sort-entries.ts";
import { PAUSE, SLICE_MS } from "../listing/time-slice.ts";
import { describeUnderRules } from "./served-entries.ts";
import { nameForZip } from "./zip-name.ts";

export interface ZipLimits {
  /** Names looked at in all, as in a listing: what a request may cost is bounded. */
  readonly entriesMax: number;
  /** Folders in folders. */
  readonly depthMax: number;
  /** Of all paths together: the directory of a zip stands at its end, and is held until then. */
  readonly pathBytesMax: number;
}

/** One zip holds some 50 MB at most; and what people keep in folders is no deeper than a dozen. */
export const ZIP_LIMITS: ZipLimits = {
  entriesMax: 100_000,
  depthMax: 100,
  pathBytesMax: 32 * 1024 * 1024,
};

/** What is read, deflated and sent at once. */
const PIECE_BYTES = 64 * 1024;
/** Deflating less takes no longer than asking another thread to do it. */
const DEFLATED_HERE_BYTES_MAX = 4 * 1024;

const deflateElsewhere = promisify<Buffer, object, Buffer>(deflateRaw);

/** A folder that is still to be put in. */
interface Place {
  readonly path: SafePath;
  /** Of its entries in the zip: empty, or ending in a slash. */
  readonly zipPath: string;
  readonly depth: number;
  readonly modifiedMs: number;
}

/**
 * The zip, in parts for a reply's body.
 * @throws when a bound is passed, or a file changes or cannot be read to its end: the zip is cut short,
 * so that nobody takes it for whole
 */
export function zipParts(
  folder: ServedFolder,
  path: SafePath,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<BodyPart> {
  return inBatches(new FolderZip(folder, limits).parts(path));
}

class FolderZip {
  private readonly folder: ServedFolder;
  private readonly limits: ZipLimits;
  private readonly records = new ZipRecords();
  private entriesLeft: number;
  private pathBytesLeft: number;

  constructor(folder: ServedFolder, limits: ZipLimits) {
    this.folder = folder;
    this.limits = limits;
    this.entriesLeft = limits.entriesMax;
    this.pathBytesLeft = limits.pathBytesMax;
  }

  async *parts(path: SafePath): AsyncGenerator<BodyPart> {
    const places: Place[] = [{ path, zipPath: "", depth: 0, modifiedMs: 0 }];
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const opened = openServed(this.folder, place.path);
      if (opened.kind === "busy") throw new Error("no descriptors are left");
      if (opened.kind === "file") opened.file.close();
      // Gone since it was listed, or not to be read: a request would not get it either.
      if (opened.kind !== "folder") continue;
      const entries = yield* this.readEntries(opened.folder);
      if (place.depth > 0) {
        yield this.records.addFolder(this.toZipPath(place.zipPath), place.modifiedMs);
      }
      yield* this.entriesOf(place, entries, places);
    }
    yield* this.records.end();
  }

  private async *readEntries(opened: OpenFolder): AsyncGenerator<BodyPart, DirectoryEntry[]> {
    const describe = describeUnderRules(this.folder, { folderLinks: false });
    try {
      const limits = { entriesMax: this.entriesLeft };
      const directory = yield* readDirectory(opened.readPath, describe, limits);
      const { entries, nameCount, isComplete } = directory;
      this.entriesLeft -= nameCount;
      if (!isComplete) throw new Error(`more than ${this.limits.entriesMax} entries are no zip`);
      return [...(yield* sortByName(entries)).entries];
    } finally {
      opened.release();
    }
  }

  /** The files of a folder; its folders are put on the stack, the first on top. */
  private async *entriesOf(
    { path, zipPath, depth }: Place,
    entries: readonly DirectoryEntry[],
    places: Place[],
  ): AsyncGenerator<BodyPart> {
    const nameOf = nameForZip(entries.map(({ byteName }) => byteName));
    const folders: Place[] = [];
    for (const { kind, byteName, modifiedMs } of entries) {
      const entryPath = childPath(path, byteName);
      const name = zipPath + nameOf(byteName);
      if (kind === "file") yield* this.fileParts(entryPath, name);
      else {
        folders.push({ path: entryPath, zipPath: `${name}/`, depth: depth + 1, modifiedMs });
      }
    }
    if (folders.length > 0 && depth >= this.limits.depthMax) {
      throw new Error(`folders more than ${this.limits.depthMax} deep are no zip`);
    }
    places.push(...folders.reverse());
  }

  private async *fileParts(path: SafePath, zipPath: string): AsyncGenerator<BodyPart> {
    const opened = openServedFile(this.folder, path);
    if (opened.kind === "busy") throw new Error("no descriptors are left");
    if (opened.kind !== "file") {
      yield PAUSE;
      return;
    }
    const { file } = opened;
    try {
      const { sizeBytes, modifiedMs } = file;
      yield this.records.beginFile(this.toZipPath(zipPath), modifiedMs, sizeBytes);
      const type = contentTypeOf(path.segments.at(-1) ?? "");
      const zipped = yield* deflatedParts(file, gainsFromCoding(type));
      if (!file.isUnchanged()) throw new SourceChangedError();
      yield this.records.endFile(zipped);
    } finally {
      file.close();
    }
  }

  private toZipPath(zipPath: string): Buffer {
    this.pathBytesLeft -= zipPath.length;
    if (this.pathBytesLeft < 0) throw new Error("paths this long are no zip");
    return Buffer.from(zipPath, "latin1");
  }
}

/**
 * A file's bytes, deflated piece by piece: each ends where a byte does (RFC 1951 §3.2.3 lets blocks
 * follow each other), so no piece waits for the next. What would not become smaller is only wrapped.
 */
async function* deflatedParts(file: OpenFile, isDeflated: boolean) {
  const { sizeBytes } = file;
  const level = isDeflated ? constants.Z_DEFAULT_COMPRESSION : constants.Z_NO_COMPRESSION;
  let checksum = 0;
  let deflatedBytes = 0;
  let position = 0;
  do {
    const piece = await readPiece(file, position);
    checksum = crc32(piece, checksum);
    position += piece.length;
    const isLast = position === sizeBytes;
    const options = {
      level,
      finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    };
    const isDoneHere = !isDeflated || piece.length <= DEFLATED_HERE_BYTES_MAX;
    const deflated = isDoneHere
      ? deflateRawSync(piece, options)
      : await deflateElsewhere(piece, options);
    deflatedBytes += deflated.length;
    yield deflated;
  } while (position < sizeBytes);
  return { crc32: checksum, sizeBytes, deflatedBytes };
}

async function readPiece(file: OpenFile, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, file.sizeBytes - position));
  for (let filled = 0; filled < piece.length; ) {
    const readBytes = await file.read(piece.subarray(filled), position + filled);
    if (readBytes === 0) throw new SourceChangedError();
    filled += readBytes;
  }
  return piece;
}

/** Small parts together, and after each time slice a turn for the others of the thread. */
async function* inBatches(parts: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart> {
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let endMs = systemClock.monotonicMs() + SLICE_MS;
  for await (const part of parts) {
    if (typeof part !== "string") {
      batch.push(part);
      batchBytes += part.length;
    }
    const isOver = systemClock.monotonicMs() >= endMs;
    if (batchBytes < PIECE_BYTES && !isOver) continue;
    yield batchBytes === 0 ? PAUSE : Buffer.concat(batch);
    batch = [];
    batchBytes = 0;
    if (!isOver) continue;
    await nextTurn();
    endMs = systemClock.monotonicMs() + SLICE_MS;
  }
  yield Buffer.concat(batch);
}
