// What of a file is sent: the file itself, a compressed sibling, or bytes compressed on the fly. Each
// has its own bytes, its own tag and so its own ranges (RFC 9110 §8.8.3.3, §14.1.2).

import type { ByteSource } from "../http/reply.ts";
import type { ContentCoding } from "./content-encoding.ts";
import type { Dating } from "./file-tags.ts";

export interface Representation {
  readonly source: ByteSource;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Of the file, whichever representation of it this is. */
  readonly modifiedMs: number;
  /** What that time is worth as a validator. */
  readonly dating: Dating;
  readonly contentType: string;
  /** undefined when the bytes are the file's own. */
  readonly coding: ContentCoding | undefined;
  /** Whether another Accept-Encoding might have got another representation. */
  readonly varies: boolean;
}

/** A source of bytes that are at hand; several answers may share them. */
export class BytesSource implements ByteSource {
  readonly memory: Buffer;

  constructor(bytes: Buffer) {
    this.memory = bytes;
  }

  read(into: Buffer, position: number): number {
    return this.memory.subarray(position).copy(into);
  }

  isUnchanged(): boolean {
    return true;
  }

  close(): void {}
}
