// A text in the gzip coding (RFC 1952), part by part. Each part is compressed by itself and ends at a byte
// (RFC 1951: an empty stored block behind it), so that between two parts nothing is held but a checksum
// and a length: an open stream of zlib would hold a quarter of a megabyte for each listing that is not
// read. Called by the server's listing-answer.ts. Pure but for the state of one text.

import { constants, crc32, deflateRawSync } from "node:zlib";

/** RFC 1952 §2.3: deflate, no name, no time, no flags, from an unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** A last block that is empty: fixed codes, and their end. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** Rows are much alike: a tenth of their length is left, and half a millisecond a part is spent. */
const LEVEL = 4;
const EMPTY = Buffer.alloc(0);

export class GzipParts {
  #crc = 0;
  #lengthBytes = 0;
  #header = HEADER;

  add(text: string): Buffer {
    const bytes = Buffer.from(text);
    if (bytes.length === 0) return EMPTY;
    this.#crc = crc32(bytes, this.#crc);
    this.#lengthBytes += bytes.length;
    const header = this.#header;
    this.#header = EMPTY;
    const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH };
    return Buffer.concat([header, deflateRawSync(bytes, options)]);
  }

  /** The end of the stream, after at least one part. */
  end(): Buffer {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#lengthBytes % 2 ** 32, 4);
    return Buffer.concat([LAST_BLOCK, trailer]);
  }
}

/** A whole text. */
export function gzipText(text: string): Buffer {
  const parts = new GzipParts();
  return Buffer.concat([parts.add(text), parts.end()]);
}

/** Coded parts of about this many bytes leave together. */
const PART_BYTES = 24 * 1024;

/** The parts of a text, coded; pauses are handed on as they are. */
export async function* gzipTextParts(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const parts = new GzipParts();
  let coded: Buffer[] = [];
  let codedBytes = 0;
  for await (const text of texts) {
    if (text === "") {
      yield EMPTY;
      continue;
    }
    const part = parts.add(text);
    coded.push(part);
    codedBytes += part.length;
    if (codedBytes < PART_BYTES) continue;
    const together = Buffer.concat(coded);
    coded = [];
    codedBytes = 0;
    yield together;
  }
  yield Buffer.concat([...coded, parts.end()]);
}
