// What one thread has read lately. A client sends the same fields with every request of a connection,
// and many clients ask for the same targets. So a line or a block of fields that was read before, byte
// for byte, is not parsed again. The memory is bounded, and holds only what was valid.

import { RecentMap } from "../base/recent-map.ts";
import type { RequestHead } from "../http/request.ts";
import type { FieldBlock } from "./field-lines.ts";
import type { RequestLine } from "./request-line.ts";

/** In each generation. Together with the length below, at most 2 MiB for each thread. */
const ENTRIES_MAX = 1024;
/** A longer one holds something that does not come again, or has cost its sender enough. */
export const KEPT_LENGTH_MAX = 1024;

export class RequestHeadCache {
  readonly #lines = new RecentMap<string, RequestLine>(ENTRIES_MAX);
  readonly #blocks = new RecentMap<string, FieldBlock>(ENTRIES_MAX);

  lineOf(text: string): RequestLine | undefined {
    return this.#lines.get(text);
  }

  blockOf(text: string): FieldBlock | undefined {
    return this.#blocks.get(text);
  }

  keepLine(text: string, line: RequestLine): void {
    if (text.length <= KEPT_LENGTH_MAX) this.#lines.set(text, line);
  }

  keepBlock(text: string, block: FieldBlock): void {
    if (text.length <= KEPT_LENGTH_MAX) this.#blocks.set(text, block);
  }
}

// The request that a connection sent last. Most clients send the same fields with every request of a
// connection, and pollers send the same request. The same bytes mean the same again: they are neither
// scanned nor made into strings. There is one for each connection, of a kilobyte at most.

/** A whole head was read. */
export interface HeadOutcome {
  readonly kind: "head";
  readonly head: RequestHead;
  /** Where it ends, from where it begins. */
  readonly endOffset: number;
}

/** A longer part of a head is parsed each time. */
const PART_BYTES_MAX = 512;
const EMPTY = new Uint8Array(0);

/** Some bytes and what they were read as. */
class KnownPart<Meaning> {
  #bytes: Uint8Array = EMPTY;
  /** Only read from outside. */
  lengthBytes = 0;
  #known: Meaning | undefined;

  /** What `buffer` means from `start` on; undefined when it has other bytes there, or fewer. */
  meaningAt(buffer: Buffer, start: number, end: number): Meaning | undefined {
    const bytes = this.#bytes;
    const lengthBytes = this.lengthBytes;
    if (end - start < lengthBytes) return undefined;
    // A native comparison takes longer for so few bytes.
    for (let at = 0; at < lengthBytes; at++) {
      if (buffer[start + at] !== bytes[at]) return undefined;
    }
    return this.#known;
  }

  remember(buffer: Buffer, start: number, end: number, meaning: Meaning): void {
    const lengthBytes = end - start;
    if (lengthBytes > PART_BYTES_MAX) return;
    if (this.#bytes.length < lengthBytes) this.#bytes = new Uint8Array(lengthBytes);
    for (let at = 0; at < lengthBytes; at++) this.#bytes[at] = buffer[start + at] as number;
    this.lengthBytes = lengthBytes;
    this.#known = meaning;
  }
}

export class LastRequestHead {
  /** With its CRLF. */
  readonly line = new KnownPart<RequestLine>();
  /** With the empty line behind it. */
  readonly block = new KnownPart<FieldBlock>();
  /** What both of them together are; undefined until they have come together. */
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
