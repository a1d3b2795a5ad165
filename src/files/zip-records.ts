// The records of a zip that is written from its beginning to its end, never going back (APPNOTE 6.3.10,
// the format's specification). Pure but for where in the zip it is. Called by server/folder-zip.ts,
// which puts each file's bytes, deflated, between the two records that this makes for it.

import { isUtf8 } from "node:buffer";

/** What the deflated bytes of a file came to, once they have left. */
export interface ZippedFile {
  readonly crc32: number;
  readonly sizeBytes: number;
  readonly deflatedBytes: number;
}

interface Entry {
  readonly name: Buffer;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
  /** Whether its sizes are told in eight bytes (§4.3.9.2): decided before it is read. */
  readonly isLarge: boolean;
  readonly offset: number;
}

const LOCAL_SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END_SIGNATURE = 0x06054b50;

const VERSION = 20;
const VERSION_OF_64_BITS = 45;
/** Made on Unix: names are bytes, and the attributes hold a mode. */
const MADE_BY = (3 << 8) | 63;
const FILE_MODE = 0o100644;
const FOLDER_MODE = 0o40755;
/** §4.4.4: checksum and sizes stand behind the bytes; the name is UTF-8. */
const FLAG_DESCRIPTOR = 1 << 3;
const FLAG_UTF8 = 1 << 11;
const STORED = 0;
const DEFLATED = 8;

const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
/** Below the 4 GiB that four bytes tell by more than deflating can ever add. */
const LARGE_BYTES_MIN = 0xf0000000;
/** Records of the central directory are kept in blocks of about this length, not one by one. */
const BLOCK_BYTES = 64 * 1024;

const NOTHING: ZippedFile = { crc32: 0, sizeBytes: 0, deflatedBytes: 0 };

export class ZipRecords {
  private offset = 0;
  private entryCount = 0;
  private begun: Entry | undefined;
  /** The central directory, which comes last, as far as it is known. */
  private readonly blocks: Buffer[] = [];
  private block: Buffer[] = [];
  private blockBytes = 0;

  /** @param name the path in the zip, ending in a slash */
  addFolder(name: Buffer, modifiedMs: number): Buffer {
    const entry = { name, modifiedMs, isFolder: true, isLarge: false, offset: this.offset };
    const header = formatLocalHeader(entry);
    this.offset += header.length;
    this.addToDirectory(entry, NOTHING);
    return header;
  }

  /** What stands before the bytes of a file. @param sizeBytes as many as will be read of it */
  beginFile(name: Buffer, modifiedMs: number, sizeBytes: number): Buffer {
    const isLarge = sizeBytes >= LARGE_BYTES_MIN;
    this.begun = { name, modifiedMs, isFolder: false, isLarge, offset: this.offset };
    const header = formatLocalHeader(this.begun);
    this.offset += header.length;
    return header;
  }

  /** What stands behind them. */
  endFile(file: ZippedFile): Buffer {
    const entry = this.begun!;
    this.begun = undefined;
    const descriptor = formatDescriptor(entry, file);
    this.offset += file.deflatedBytes + descriptor.length;
    this.addToDirectory(entry, file);
    return descriptor;
  }

  /** The end of the zip, block by block. */
  *end(): Generator<Buffer> {
    this.closeBlock();
    yield* this.blocks;
    const bytes = this.blocks.reduce((sum, { length }) => sum + length, 0);
    yield formatEnd(this.entryCount, this.offset, bytes);
  }

  private addToDirectory(entry: Entry, file: ZippedFile): void {
    const record = formatCentralRecord(entry, file);
    this.entryCount++;
    this.block.push(record);
    this.blockBytes += record.length;
    if (this.blockBytes >= BLOCK_BYTES) this.closeBlock();
  }

  private closeBlock(): void {
    this.blocks.push(Buffer.concat(this.block));
    this.block = [];
    this.blockBytes = 0;
  }
}

/** Bytes one behind the other, each number with the least significant byte first (§4.4.1). */
class RecordWriter {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(lengthBytes: number) {
    this.bytes = Buffer.alloc(lengthBytes);
  }

  put16(...numbers: number[]): this {
    for (const number of numbers) this.at = this.bytes.writeUInt16LE(number, this.at);
    return this;
  }

  put32(...numbers: number[]): this {
    for (const number of numbers) this.at = this.bytes.writeUInt32LE(number, this.at);
    return this;
  }

  put64(...numbers: number[]): this {
    for (const number of numbers) {
      this.at = this.bytes.writeBigUInt64LE(BigInt(number), this.at);
    }
    return this;
  }

  done(...more: readonly Buffer[]): Buffer {
    return Buffer.concat([this.bytes, ...more]);
  }
}

/** §4.3.7. */
function formatLocalHeader(entry: Entry): Buffer {
  const { name, isLarge } = entry;
  const sizes = isLarge ? MAX_32 : 0;
  const large = isLarge ? new RecordWriter(20).put16(1, 16).put64(0, 0).done() : Buffer.alloc(0);
  const extra = Buffer.concat([large, formatTimeField(entry)]);
  return new RecordWriter(30)
    .put32(LOCAL_SIGNATURE)
    .put16(...commonFacts(entry))
    .put32(0, sizes, sizes)
    .put16(name.length, extra.length)
    .done(name, extra);
}

/** §4.3.9. */
function formatDescriptor({ isLarge }: Entry, file: ZippedFile): Buffer {
  const { crc32, deflatedBytes, sizeBytes } = file;
  const writer = new RecordWriter(isLarge ? 24 : 16).put32(DESCRIPTOR_SIGNATURE, crc32);
  return (
    isLarge ? writer.put64(deflatedBytes, sizeBytes) : writer.put32(deflatedBytes, sizeBytes)
  ).done();
}

/** §4.3.12. */
function formatCentralRecord(entry: Entry, file: ZippedFile): Buffer {
  const { name, isFolder, isLarge, offset } = entry;
  const { crc32, deflatedBytes, sizeBytes } = file;
  const isFar = offset >= MAX_32;
  // §4.5.3: of what did not fit, in this order.
  const wide = [...(isLarge ? [sizeBytes, deflatedBytes] : []), ...(isFar ? [offset] : [])];
  const large =
    wide.length === 0
      ? Buffer.alloc(0)
      : new RecordWriter(4 + 8 * wide.length)
          .put16(1, 8 * wide.length)
          .put64(...wide)
          .done();
  const extra = Buffer.concat([large, formatTimeField(entry)]);
  // The lower half is for DOS, where 0x10 marks a folder.
  const attributes = isFolder ? FOLDER_MODE * 0x10000 + 0x10 : FILE_MODE * 0x10000;
  return new RecordWriter(46)
    .put32(CENTRAL_SIGNATURE)
    .put16(MADE_BY, ...commonFacts(entry, isFar))
    .put32(crc32, isLarge ? MAX_32 : deflatedBytes, isLarge ? MAX_32 : sizeBytes)
    .put16(name.length, extra.length, 0, 0, 0)
    .put32(attributes, isFar ? MAX_32 : offset)
    .done(name, extra);
}

/** What both records of an entry say: version, flags, method, time and date. */
function commonFacts({ name, modifiedMs, isFolder, isLarge }: Entry, isFar = false): number[] {
  const flags = (isFolder ? 0 : FLAG_DESCRIPTOR) | (isUtf8(name) ? FLAG_UTF8 : 0);
  const version = isLarge || isFar ? VERSION_OF_64_BITS : VERSION;
  return [version, flags, isFolder ? STORED : DEFLATED, ...toDosTime(modifiedMs)];
}

const DOS_MIN_MS = Date.UTC(1980, 0, 1);
const DOS_MAX_MS = Date.UTC(2107, 11, 31, 23, 59, 58);

/** §4.4.6, in UTC: for programs that do not know the field below. */
function toDosTime(modifiedMs: number): [time: number, date: number] {
  const date = new Date(Math.min(Math.max(modifiedMs, DOS_MIN_MS), DOS_MAX_MS));
  return [
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
    ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
  ];
}

/** The time in seconds since 1970 (Info-ZIP's field "UT"), while four bytes can tell it. */
function formatTimeField({ modifiedMs }: Entry): Buffer {
  const seconds = Math.floor(modifiedMs / 1000);
  if (!(seconds >= 0 && seconds <= 0x7fffffff)) return Buffer.alloc(0);
  const field = new RecordWriter(9).put16(0x5455, 5).done();
  field[4] = 1;
  field.writeInt32LE(seconds, 5);
  return field;
}

/** §4.3.14 to §4.3.16. */
function formatEnd(entryCount: number, offset: number, bytes: number): Buffer {
  const isWide = entryCount >= MAX_16 || offset >= MAX_32 || bytes >= MAX_32;
  const wide = isWide
    ? new RecordWriter(56 + 20)
        .put32(END64_SIGNATURE)
        .put64(44)
        .put16(MADE_BY, VERSION_OF_64_BITS)
        .put32(0, 0)
        .put64(entryCount, entryCount, bytes, offset)
        .put32(END64_LOCATOR_SIGNATURE, 0)
        .put64(offset + bytes)
        .put32(1)
        .done()
    : Buffer.alloc(0);
  const count = Math.min(entryCount, MAX_16);
  const end = new RecordWriter(22)
    .put32(END_SIGNATURE)
    .put16(0, 0, count, count)
    .put32(Math.min(bytes, MAX_32), Math.min(offset, MAX_32))
    .put16(0);
  return Buffer.concat([wide, end.done()]);
}
