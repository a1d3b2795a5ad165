// Conditional requests, evaluated in the order of RFC 9110 §13.2.2, and the entity tags (§8.8.3) that they
// compare. Pure.

import { isBlank, parseHttpDate } from "../../http/field-values.ts";
import type { FieldName } from "../../http/request.ts";
import type { Dating } from "./versions.ts";

export interface Validators {
  readonly etag: string;
  readonly modifiedMs: number;
  /** How well that time tells versions apart (versions.ts). */
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
    // 2. If-Unmodified-Since (§13.1.4). A value that is no date is no condition, and neither is any date
    // for a file without a date of its own.
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

/** HTTP dates have no fractions, so a file's time is compared as the client has seen it. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/**
 * A strong tag.
 * @param version tells versions of the file apart (versions.ts)
 * @param coding content coding of the representation: each has a tag of its own
 */
export function formatEtag(version: string, coding?: string): string {
  return coding === undefined ? `"${version}"` : `"${version}-${coding}"`;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const DEL = 0x7f;

/**
 * Whether the value of If-Match or If-None-Match (§13.1.1, §13.1.2) is `*`, or a list with a tag that
 * equals `etag`. A malformed value matches nothing. Each character is looked at once, and no tag is copied
 * out of the list: the longest list has five thousand.
 * @param comparison strong: both are strong and the same; weak: without regard to the mark of weakness
 */
export function matchesTagList(
  value: string,
  etag: string,
  comparison: "strong" | "weak",
): boolean {
  const first = skipBlanks(value, 0);
  if (value[first] === "*") return skipBlanks(value, first + 1) === value.length;
  const opaque = stripWeakness(etag);
  const isEtagStrong = opaque === etag;
  let isFound = false;
  for (let at = skipSeparators(value, 0); at < value.length; ) {
    const isWeak = value.startsWith("W/", at);
    const start = isWeak ? at + 2 : at;
    const end = findTagEnd(value, start);
    if (end < 0) return false;
    const isSame = end - start === opaque.length && value.startsWith(opaque, start);
    isFound ||= isSame && (comparison === "weak" || (isEtagStrong && !isWeak));
    at = skipBlanks(value, end);
    if (at < value.length && value.charCodeAt(at) !== COMMA) return false;
    at = skipSeparators(value, at);
  }
  return isFound;
}

/** The place behind the closing quote; -1 where no opaque tag (§8.8.3) begins at `start`. */
function findTagEnd(value: string, start: number): number {
  if (value.charCodeAt(start) !== QUOTE) return -1;
  for (let at = start + 1; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    // etagc: visible ASCII and what is beyond it, without blanks and DEL.
    if (code <= 0x20 || code === DEL) return -1;
  }
  return -1;
}

function skipBlanks(value: string, start: number): number {
  let at = start;
  while (isBlank(value.charCodeAt(at))) at++;
  return at;
}

/** Blanks and commas: an element of a list may be empty (§5.6.1.2). */
function skipSeparators(value: string, start: number): number {
  let at = start;
  for (
    let code = value.charCodeAt(at);
    isBlank(code) || code === COMMA;
    code = value.charCodeAt(at)
  )
    at++;
  return at;
}

/** Strong comparison (§8.8.3.2): both strong and the same. */
export function isSameStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith("W/");
}

function stripWeakness(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
