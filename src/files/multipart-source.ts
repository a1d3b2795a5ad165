// The body of a multipart/byteranges answer (RFC 9110 §14.6) as a source of its own: lines of text and
// stretches of another source, one behind the other. Nothing is held but the text. The first boundary
// has its CRLF, too, though nothing stands before it: RFC 2046 §5.1.1 allows that as an empty preamble,
// other servers send it, and zsync looks for it and asks again and again where it is missing.

import type { ByteSource } from "../http/reply.ts";
import { type ByteRange, formatContentRange } from "./range.ts";

type Stretch =
  | { readonly kind: "text"; readonly start: number; readonly end: number; readonly text: Buffer }
  | {
      readonly kind: "range";
      readonly start: number;
      readonly end: number;
      readonly offset: number;
    };

export interface MultipartOptions {
  readonly source: ByteSource;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly parts: readonly ByteRange[];
  /** Does not occur in the content: random and long enough. */
  readonly boundary: string;
}

export class MultipartSource implements ByteSource {
  readonly lengthBytes: number;
  private readonly source: ByteSource;
  private readonly stretches: readonly Stretch[];
  private lastIndex = 0;

  constructor(options: MultipartOptions) {
    const { source, sizeBytes, contentType, parts, boundary } = options;
    const stretches: Stretch[] = [];
    let at = 0;
    const addText = (line: string) => {
      const text = Buffer.from(line, "latin1");
      stretches.push({ kind: "text", start: at, end: at + text.length, text });
      at += text.length;
    };
    for (const part of parts) {
      const range = formatContentRange(part, sizeBytes);
      addText(
        `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: ${range}\r\n\r\n`,
      );
      stretches.push({
        kind: "range",
        start: at,
        end: at + part.lengthBytes,
        offset: part.offsetBytes,
      });
      at += part.lengthBytes;
    }
    addText(`\r\n--${boundary}--\r\n`);
    this.source = source;
    this.stretches = stretches;
    this.lengthBytes = at;
  }

  read(into: Buffer, position: number): number | Promise<number> {
    const stretch = this.findStretch(position);
    if (stretch === undefined) return 0;
    const skipped = position - stretch.start;
    if (stretch.kind === "text") return stretch.text.copy(into, 0, skipped);
    const wanted = into.subarray(0, Math.min(into.length, stretch.end - position));
    return this.source.read(wanted, stretch.offset + skipped);
  }

  /** Nearly always where the last read was, or just behind it: there may be hundreds. */
  private findStretch(position: number): Stretch | undefined {
    const isAt = (index: number) => {
      const stretch = this.stretches[index];
      return stretch !== undefined && stretch.start <= position && position < stretch.end;
    };
    if (!isAt(this.lastIndex)) {
      const isNext = isAt(this.lastIndex + 1);
      this.lastIndex = isNext ? this.lastIndex + 1 : this.stretches.findIndex((_, at) => isAt(at));
    }
    return this.stretches[this.lastIndex];
  }

  get memory(): Buffer | undefined {
    return this.source.memory;
  }

  isUnchanged(): boolean | Promise<boolean> {
    return this.source.isUnchanged();
  }

  close(): void {
    this.source.close();
  }
}
