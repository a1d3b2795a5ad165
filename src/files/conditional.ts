// Conditional requests, in the order of RFC 9110 §13.2.2. Pure.

import { parseHttpDate } from "../http/http-date.ts";
import type { FieldName } from "../http/request.ts";
import { isSameStrongly, matchesTagList } from "./etag.ts";
import type { Dating } from "./file-tags.ts";

export interface Validators {
  readonly etag: string;
  readonly modifiedMs: number;
  /** How well that time tells versions apart (file-tags.ts). */
  readonly dating: Dating;
}

export type ConditionOutcome = "perform" | "not-modified" | "precondition-failed";

type Fields = ReadonlyMap<FieldName, string>;

/** What the conditions of a GET or HEAD say about a file with those validators. */
export function evaluateConditions(
  fields: Fields,
  current: Validators,
  nowMs: number,
): ConditionOutcome {
  const ifMatch = fields.get("if-match");
  if (ifMatch !== undefined) {
    // 1. If-Match, by strong comparison; with it, step 2 is skipped.
    if (!matchesTagList(ifMatch, current.etag, "strong")) return "precondition-failed";
  } else {
    // 2. If-Unmodified-Since; a value that is no date is no condition, nor is any date for a file
    // that has none of its own (§13.1.4).
    const sinceMs = readDate(fields, "if-unmodified-since", current, nowMs);
    if (sinceMs !== undefined && wholeSeconds(current.modifiedMs) > sinceMs) {
      return "precondition-failed";
    }
  }
  const ifNoneMatch = fields.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    // 3. If-None-Match, by weak comparison; with it, step 4 is skipped.
    return matchesTagList(ifNoneMatch, current.etag, "weak") ? "not-modified" : "perform";
  }
  // 4. If-Modified-Since (§13.1.3).
  const sinceMs = readDate(fields, "if-modified-since", current, nowMs);
  const isUnchanged = sinceMs !== undefined && wholeSeconds(current.modifiedMs) <= sinceMs;
  return isUnchanged ? "not-modified" : "perform";
}

/**
 * 5. If-Range (§13.1.5): whether a Range field counts. By tag, strongly; by date, exactly, and only
 * when the date tells versions apart: it must be the kernel's own, and old enough that the file cannot
 * have changed twice within its second (§8.8.2.2).
 */
export function isRangeWanted(fields: Fields, current: Validators, nowMs: number): boolean {
  const ifRange = fields.get("if-range");
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) return isSameStrongly(ifRange, current.etag);
  const dateMs = parseHttpDate(ifRange, nowMs);
  const modifiedMs = wholeSeconds(current.modifiedMs);
  return current.dating === "exact" && dateMs === modifiedMs && modifiedMs <= nowMs - 1000;
}

function readDate(
  fields: Fields,
  name: FieldName,
  { dating }: Validators,
  nowMs: number,
): number | undefined {
  const value = fields.get(name);
  return value === undefined || dating === "none" ? undefined : parseHttpDate(value, nowMs);
}

/** HTTP dates have no fractions: a file's time is compared as the client was told it. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
