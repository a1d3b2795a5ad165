// The Range field (RFC 9110 §14). Pure. Only bytes; what is not understood is ignored, as §14.2
// allows, and the whole file is sent. Many or overlapping ranges never make an answer larger than the
// file: overlapping and neighbouring ones become one, and too many get the whole (§14.2, §17.15).

import { splitList } from "../http/field-lines.ts";

export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export type RangeOutcome =
  /** No range, none that is understood, or more than is sensible: the whole file. */
  | { readonly kind: "whole" }
  /** One part or several, none overlapping another. */
  | { readonly kind: "parts"; readonly parts: readonly ByteRange[] }
  /** Nothing of the file lies in any of them: 416. */
  | { readonly kind: "unsatisfiable" };

const WHOLE: RangeOutcome = { kind: "whole" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };
/**
 * Readers of PDF and archive formats ask for a handful; dnf asks for 256 parts of a zchunk file at once,
 * and takes each whole file it gets instead for a failure.
 */
const RANGES_MAX = 256;
/** As many as that, with positions of twelve digits. A longer list is not taken apart. */
const RANGE_CHARS_MAX = 8 * 1024;
/** The lines around a part take about this much: closer ranges cost less as one (§15.3.7.2). */
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

/** The last `count` bytes; more than there are is all of them (§14.1.2). */
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

/** Parts in the order asked for, unless some touch: then sorted, the touching ones as one. */
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
