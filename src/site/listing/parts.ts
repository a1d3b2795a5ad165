// From a folder to the text of its listing in parts, the same for every form of it (html.ts, json.ts), and
// those parts compressed. In slices: neither reading, nor sorting, nor writing a hundred thousand entries
// holds up the other work of the thread. It knows no file: the caller gives it the folder. Called by
// answer.ts.

import { constants, crc32, deflateRawSync } from "node:zlib";
import type { ListingForm, ReadmeText } from "./form.ts";
import { ListingChangedError, ListingProgress, type ListingRequest } from "./progress.ts";
import type { SlicedWork } from "./time-slice.ts";

/**
 * How long a part is before it is handed on. That makes few writes, and holds 200 KiB at most for a client
 * that does not read: as text, as bytes and in the socket.
 */
const PART_LENGTH = 32 * 1024;

/**
 * The listing in parts of about 32 Ki characters. Between two parts it holds no entries and no rows, but
 * only which of them are left (progress.ts).
 * @throws ListingChangedError when it can neither go on nor claim to be whole
 */
export function* listingParts(request: ListingRequest): SlicedWork<void> {
  const { form, pathSegments } = request;
  const progress = new ListingProgress(request);
  const preparing = progress.prepare();
  try {
    // This step comes before any text: a status can still report what it throws.
    const step = preparing.next();
    yield form.formatBeginning(pathSegments);
    if (step.done !== true) {
      yield step.value;
      yield* preparing;
    }
    const last = yield* rowParts(form, progress);
    yield* readmeParts(request, progress, last);
  } finally {
    preparing.return();
    progress.end();
  }
}

/** @returns the text that is left for the last part */
function* rowParts(form: ListingForm, progress: ListingProgress): SlicedWork<string> {
  let part = form.formatRowsBeginning(progress.facts);
  while (!progress.isDone) {
    const rows = progress.nextRows(PART_LENGTH - part.length);
    if (rows === undefined) yield* progress.prepare();
    else part += rows;
    if (part.length < PART_LENGTH) continue;
    yield part;
    part = "";
  }
  return part + form.formatRowsEnd(progress.facts);
}

function* readmeParts(
  { form, readmeOf }: ListingRequest,
  { facts, readmes }: ListingProgress,
  last: string,
): SlicedWork<void> {
  let part = last;
  if (readmeOf !== undefined && readmes.length > 0) {
    let version: string | undefined;
    for (let at = 0; ; ) {
      const piece: ReadmePiece = cutReadme(yield* readmeOf(readmes), at, version);
      at += piece.text.length;
      version = piece.version;
      part += piece.text;
      if (piece.text.length < PART_LENGTH) break;
      yield part;
      part = "";
    }
  }
  yield part + form.formatEnd(facts);
}

interface ReadmePiece {
  readonly text: string;
  readonly version: string;
}

/**
 * A copy of a piece, so that it does not keep the whole text in memory. No character is cut in two.
 * @param version of the piece before it
 */
function cutReadme(
  readme: ReadmeText | undefined,
  start: number,
  version: string | undefined,
): ReadmePiece {
  if (start > 0 && readme?.version !== version) {
    throw new ListingChangedError("the README was changed");
  }
  if (readme === undefined) return { text: "", version: "" };
  const { html } = readme;
  const end = start + PART_LENGTH;
  const isWithinPair = end < html.length && !html.slice(start, end).isWellFormed();
  const piece = html.slice(start, isWithinPair ? end + 1 : end);
  const text = Buffer.from(piece, "utf16le").toString("utf16le");
  return { text, version: readme.version };
}

// gzip alone can be put together of parts that are compressed one by one: the text is never in memory whole.

/** RFC 1952 §2.3: deflate, no name, no time, no flags, from an unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block: fixed codes, and their end. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** Rows are much alike: a tenth of their length is left, at half a millisecond for each part. */
const LEVEL = 4;
const EMPTY = Buffer.alloc(0);

class GzipParts {
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
