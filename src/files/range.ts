// The Range field (RFC 9110 §14). Pure. Only bytes, and only what names exactly one part; anything
// else is ignored, as §14.2 allows, and the whole file is sent.

export type RangeOutcome =
  /** No range, none that is understood, or several: the whole file. */
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly offsetBytes: number; readonly lengthBytes: number }
  /** Nothing of the file lies in it: 416. */
  | { readonly kind: "unsatisfiable" };

const WHOLE: RangeOutcome = { kind: "whole" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };
const BYTE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

export function parseRange(value: string, sizeBytes: number): RangeOutcome {
  const match = BYTE_RANGE.exec(value);
  if (match === null) return WHOLE;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return WHOLE;
  if (first === "") return suffix(toCount(last), sizeBytes);
  const firstByte = toCount(first);
  const lastByte = last === "" ? Number.POSITIVE_INFINITY : toCount(last);
  if (lastByte < firstByte) return WHOLE;
  if (firstByte >= sizeBytes) return UNSATISFIABLE;
  const endByte = Math.min(lastByte, sizeBytes - 1);
  return { kind: "part", offsetBytes: firstByte, lengthBytes: endByte - firstByte + 1 };
}

/** The last `count` bytes; more than there are is all of them (§14.1.2). */
function suffix(count: number, sizeBytes: number): RangeOutcome {
  if (count === 0 || sizeBytes === 0) return UNSATISFIABLE;
  const lengthBytes = Math.min(count, sizeBytes);
  return { kind: "part", offsetBytes: sizeBytes - lengthBytes, lengthBytes };
}

/** Digits beyond what a number holds exactly are beyond any file. */
function toCount(digits: string): number {
  const count = Number(digits);
  return Number.isSafeInteger(count) ? count : Number.MAX_SAFE_INTEGER;
}

export function formatContentRange(
  offsetBytes: number,
  lengthBytes: number,
  sizeBytes: number,
): string {
  return `bytes ${offsetBytes}-${offsetBytes + lengthBytes - 1}/${sizeBytes}`;
}
