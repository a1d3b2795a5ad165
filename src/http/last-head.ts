// The request that a connection sent last. Most clients send the same fields with every request of a
// connection, and pollers send the same request. The same bytes mean the same again: they are neither
// scanned nor made into strings. There is one for each connection, of a kilobyte at most.

import type { FieldBlock } from "./field-lines.ts";
import type { RequestHead } from "./request.ts";
import type { RequestLine } from "./request-line.ts";

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
  private bytes: Uint8Array = EMPTY;
  lengthBytes = 0;
  private known: Meaning | undefined;

  /** What `buffer` means from `start` on; undefined when it has other bytes there, or fewer. */
  meaningAt(buffer: Buffer, start: number, end: number): Meaning | undefined {
    const { bytes, lengthBytes } = this;
    if (end - start < lengthBytes) return undefined;
    // A native comparison takes longer for so few bytes.
    for (let at = 0; at < lengthBytes; at++) {
      if (buffer[start + at] !== bytes[at]) return undefined;
    }
    return this.known;
  }

  remember(buffer: Buffer, start: number, end: number, meaning: Meaning): void {
    const lengthBytes = end - start;
    if (lengthBytes > PART_BYTES_MAX) return;
    if (this.bytes.length < lengthBytes) this.bytes = new Uint8Array(lengthBytes);
    for (let at = 0; at < lengthBytes; at++) this.bytes[at] = buffer[start + at] as number;
    this.lengthBytes = lengthBytes;
    this.known = meaning;
  }
}

export class LastHead {
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
