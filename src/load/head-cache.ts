// The latest heads that were read, byte for byte. A server sends the same head again and again until
// its Date moves on: a head that is one of these need not be read, only compared. One cache serves
// all connections of a thread. Used by response-parser.ts.

import type { BodyFraming, StatusLine } from "./response-head.ts";

/** More would be compared in vain for each answer whose head is always new. */
const headCountMax = 4;
/** A longer head is rare, and keeping it costs more. */
const headBytesMax = 2048;

export interface KnownHead {
  readonly bytes: Buffer;
  readonly statusLine: StatusLine;
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly framing: BodyFraming;
  readonly isKeptAlive: boolean;
  /** See oddity.ts. */
  readonly oddities: number;
}

export class HeadCache {
  readonly #heads: KnownHead[] = [];
  #nextIndex = 0;

  /** The known head that stands at `at` in `chunk`, whole. */
  find(chunk: Buffer, at: number, end: number): KnownHead | undefined {
    for (const head of this.#heads) {
      const headEnd = at + head.bytes.length;
      if (headEnd > end) continue;
      if (chunk.compare(head.bytes, 0, head.bytes.length, at, headEnd) === 0) return head;
    }
    return undefined;
  }

  /** Keeps a copy of the bytes; the oldest head makes room. */
  keep(chunk: Buffer, at: number, end: number, head: Omit<KnownHead, "bytes">): void {
    if (end - at > headBytesMax) return;
    this.#heads[this.#nextIndex] = { bytes: Buffer.from(chunk.subarray(at, end)), ...head };
    this.#nextIndex = (this.#nextIndex + 1) % headCountMax;
  }
}
