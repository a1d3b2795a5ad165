// What has been read lately. A client sends the same fields with every request of a connection, and many
// clients ask for the same targets. So a request line or a block of fields with the same bytes as before is
// not parsed again. RequestHeadCache is one for each thread, LastRequestHead one for each connection. Both
// are bounded and hold only valid heads.

import { RecentMap } from "../base/recent-map.ts";
import type { Refusal } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";
import {
  type FieldBlock,
  type FieldLinesPlace,
  type Http1Head,
  parseFieldLines,
} from "./field-lines.ts";
import { parseRequestLine, type RequestLine } from "./request-line.ts";

/** In each generation. Together with the length below, at most 2 MiB for each thread. */
const ENTRIES_MAX = 1024;
/** A longer text holds something that does not come again, or has cost its sender enough. */
const KEPT_LENGTH_MAX = 1024;

export class RequestHeadCache {
  readonly #lines = new RecentMap<string, RequestLine>(ENTRIES_MAX);
  readonly #blocks = new RecentMap<string, FieldBlock>(ENTRIES_MAX);

  /** @param text without its CRLF */
  readLine(text: string): RequestLine | Refusal {
    const known = this.#lines.get(text);
    if (known !== undefined) return known;
    const line = parseRequestLine(text);
    if (!("status" in line) && text.length <= KEPT_LENGTH_MAX) this.#lines.set(text, line);
    return line;
  }

  /** @param end behind the CRLF of the last line */
  readFields(place: FieldLinesPlace, end: number, limits: HttpLimits): FieldBlock | Refusal {
    const { bytes, start } = place;
    // A block that is too long to be kept does not even become a string.
    if (end - start > KEPT_LENGTH_MAX) return parseFieldLines(place, limits);
    const text = bytes.toString("latin1", start, end);
    const known = this.#blocks.get(text);
    if (known !== undefined) return known;
    const block = parseFieldLines(place, limits);
    if (!("status" in block)) this.#blocks.set(text, block);
    return block;
  }
}

/** A whole head was read. */
export interface HeadOutcome {
  readonly kind: "head";
  readonly head: Http1Head;
  /** Where it ends, counted from where it begins. */
  readonly endOffset: number;
}

/** A longer part of a head is parsed each time. */
const PART_BYTES_MAX = 512;
const EMPTY = new Uint8Array(0);

/** Some bytes and what they mean. */
class KnownPart<Meaning> {
  #bytes: Uint8Array = EMPTY;
  /** Other code only reads it. */
  lengthBytes = 0;
  #meaning: Meaning | undefined;

  /** The meaning of `buffer` from `start` on; undefined when it has other bytes there, or fewer. */
  meaningAt(buffer: Buffer, start: number, end: number): Meaning | undefined {
    const bytes = this.#bytes;
    const lengthBytes = this.lengthBytes;
    if (end - start < lengthBytes) return undefined;
    // A native comparison takes longer for so few bytes.
    for (let at = 0; at < lengthBytes; at++) {
      if (buffer[start + at] !== bytes[at]) return undefined;
    }
    return this.#meaning;
  }

  remember(buffer: Buffer, start: number, end: number, meaning: Meaning): void {
    const lengthBytes = end - start;
    if (lengthBytes > PART_BYTES_MAX) return;
    if (this.#bytes.length < lengthBytes) this.#bytes = new Uint8Array(lengthBytes);
    for (let at = 0; at < lengthBytes; at++) this.#bytes[at] = buffer[start + at] as number;
    this.lengthBytes = lengthBytes;
    this.#meaning = meaning;
  }
}

/**
 * The request that a connection sent last. Pollers send the same request again and again; its bytes are then
 * neither scanned nor made into strings. It holds a kilobyte at most.
 */
export class LastRequestHead {
  /** With its CRLF. */
  readonly line = new KnownPart<RequestLine>();
  /** With the empty line behind it. */
  readonly block = new KnownPart<FieldBlock>();
  /** The head that both make; undefined until they have come together. */
  outcome: HeadOutcome | undefined;

  rememberLine(buffer: Buffer, start: number, end: number, line: RequestLine): void {
    this.outcome = undefined;
    this.line.remember(buffer, start, end, line);
  }

  rememberBlock(buffer: Buffer, start: number, end: number, block: FieldBlock): void {
    this.outcome = undefined;
    this.block.remember(buffer, start, end, block);
  }
}
