// The Range field (RFC 9110 §14), and where a 416 is due. Pure. Only ranges of bytes are understood. Any
// other is ignored, as §14.2 allows, and the whole file is sent. Many or overlapping ranges never make an answer larger than the
// file: overlapping and neighbouring ones become one, and too many get the whole (§14.2, §17.15).

import { splitList } from "../../http/field-values.ts";
import type { ByteSource } from "../../http/source.ts";

export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export type RangeOutcome =
  /** No range, none that is understood, or more than makes sense: the whole file. */
  | { readonly kind: "whole" }
  /** One part or several, none overlapping another. */
  | { readonly kind: "parts"; readonly parts: readonly ByteRange[] }
  /** Nothing of the file lies in any of them: 416. */
  | { readonly kind: "unsatisfiable" };

export const WHOLE: RangeOutcome = { kind: "whole" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };
/**
 * Readers of PDF and archive formats ask for a handful; dnf asks for 256 parts of a zchunk file at once,
 * and takes each whole file it gets instead for a failure.
 */
const RANGES_MAX = 256;
/** As many as that, with positions of twelve digits. A longer list is not parsed. */
const RANGE_CHARS_MAX = 8 * 1024;
/** The lines around a part take about this much, so closer ranges cost less as one (§15.3.7.2). */
const PART_OVERHEAD_BYTES = 128;
const BYTE_RANGES = /^bytes=(.*)$/i;
const RANGE = /^(\d*)-(\d*)$/;

export function parseRange(value: string, sizeBytes: number): RangeOutcome {
  if (value.length > RANGE_CHARS_MAX) return WHOLE;
  const list = BYTE_RANGES.exec(value)?.[1];
  if (list === undefined) return WHOLE;
  // Empty list elements are allowed and mean nothing (§5.6.1.2).
  const texts = splitList(list).filter((text) => text !== "");
  if (texts.length === 0 || texts.length > RANGES_MAX) return WHOLE;
  const parts: ByteRange[] = [];
  for (const text of texts) {
    const part = parseOne(text, sizeBytes);
    if (part === "malformed") return WHOLE;
    if (part !== "outside") parts.push(part);
  }
  if (parts.length === 0) return UNSATISFIABLE;
  const merged = merge(parts);
  const sentBytes = merged.reduce((sum, part) => sum + part.lengthBytes + PART_OVERHEAD_BYTES, 0);
  if (merged.length > 1 && sentBytes >= sizeBytes) return WHOLE;
  return { kind: "parts", parts: merged };
}

function parseOne(text: string, sizeBytes: number): ByteRange | "malformed" | "outside" {
  const match = RANGE.exec(text);
  if (match === null) return "malformed";
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? "malformed" : suffix(toCount(last), sizeBytes);
  const firstByte = toCount(first);
  const lastByte = last === "" ? Number.POSITIVE_INFINITY : toCount(last);
  if (lastByte < firstByte) return "malformed";
  if (firstByte >= sizeBytes) return "outside";
  const endByte = Math.min(lastByte, sizeBytes - 1);
  return { offsetBytes: firstByte, lengthBytes: endByte - firstByte + 1 };
}

/** The last `count` bytes, or all of them where the file has fewer (§14.1.2). */
function suffix(count: number, sizeBytes: number): ByteRange | "outside" {
  if (count === 0 || sizeBytes === 0) return "outside";
  const lengthBytes = Math.min(count, sizeBytes);
  return { offsetBytes: sizeBytes - lengthBytes, lengthBytes };
}

/** Digits beyond what a number holds exactly are beyond any file. */
function toCount(digits: string): number {
  const count = Number(digits);
  return Number.isSafeInteger(count) ? count : Number.MAX_SAFE_INTEGER;
}

/** Parts in the order of the request. If some touch, they are sorted, and those that touch become one. */
function merge(parts: readonly ByteRange[]): ByteRange[] {
  const sorted = [...parts].sort((a, b) => a.offsetBytes - b.offsetBytes);
  const merged: ByteRange[] = [];
  for (const part of sorted) {
    const before = merged.at(-1);
    const end = before === undefined ? undefined : before.offsetBytes + before.lengthBytes;
    if (before === undefined || end === undefined || part.offsetBytes > end + PART_OVERHEAD_BYTES) {
      merged.push(part);
      continue;
    }
    const partEnd = part.offsetBytes + part.lengthBytes;
    const lengthBytes = Math.max(end, partEnd) - before.offsetBytes;
    merged[merged.length - 1] = { offsetBytes: before.offsetBytes, lengthBytes };
  }
  return merged.length === parts.length ? [...parts] : merged;
}

export function formatContentRange(part: ByteRange, sizeBytes: number): string {
  return `bytes ${part.offsetBytes}-${part.offsetBytes + part.lengthBytes - 1}/${sizeBytes}`;
}

// The body of a multipart/byteranges answer (RFC 9110 §14.6) as a source of its own: lines of text and
// stretches of another source, one behind the other. Nothing is held but the text. The first boundary
// has its CRLF, too, though nothing stands before it: RFC 2046 §5.1.1 allows that as an empty preamble,
// other servers send it, and zsync looks for it and asks again and again where it is missing.

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
  readonly #source: ByteSource;
  readonly #stretches: readonly Stretch[];
  #lastIndex = 0;

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
    this.#source = source;
    this.#stretches = stretches;
    this.lengthBytes = at;
  }

  read(into: Buffer, position: number): number | Promise<number> {
    const stretch = this.#findStretch(position);
    if (stretch === undefined) return 0;
    const skipped = position - stretch.start;
    if (stretch.kind === "text") return stretch.text.copy(into, 0, skipped);
    const wanted = into.subarray(0, Math.min(into.length, stretch.end - position));
    return this.#source.read(wanted, stretch.offset + skipped);
  }

  /** Nearly always where the last read was, or just behind it: there may be hundreds. */
  #findStretch(position: number): Stretch | undefined {
    const isAt = (index: number) => {
      const stretch = this.#stretches[index];
      return stretch !== undefined && stretch.start <= position && position < stretch.end;
    };
    if (!isAt(this.#lastIndex)) {
      const isNext = isAt(this.#lastIndex + 1);
      this.#lastIndex = isNext
        ? this.#lastIndex + 1
        : this.#stretches.findIndex((_, at) => isAt(at));
    }
    return this.#stretches[this.#lastIndex];
  }

  get memory(): Buffer | undefined {
    return this.#source.memory;
  }

  isUnchanged(): boolean | Promise<boolean> {
    return this.#source.isUnchanged();
  }

  close(): void {
    this.#source.close();
  }
}
