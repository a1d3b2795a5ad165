// Decides what an answer means for a download that may already have a part of the file: the whole file,
// the rest, nothing more to come, or something else. Pure. Used by transfer.ts.
//
// A part is only continued with bytes of the same version. The server names the version by a strong
// validator (RFC 9110 §8.8.1), which the request sends in If-Range and the answer must repeat.

import type { IncomingHttpHeaders } from "node:http";
import { parseRetryAfter } from "../http/field-values.ts";

/** Which version of a file an answer holds. */
export interface Version {
  /** An ETag or a Last-Modified that is valid in If-Range; absent if the server gives neither. */
  readonly validator?: string | undefined;
  /** The size of the whole file; absent if the server does not say. */
  readonly totalBytes?: number | undefined;
}

/** The part that already exists. */
export interface Held {
  /** At least 1. */
  readonly bytes: number;
  readonly version: Version;
}

export type Step =
  /** The body is the whole file. `why` says why an existing part cannot be used. */
  | { readonly kind: "whole"; readonly version: Version; readonly why: string | undefined }
  /** The body is the missing rest. */
  | { readonly kind: "rest"; readonly version: Version }
  /** Nothing is missing. */
  | { readonly kind: "complete" }
  /** The part cannot be continued, and the body is not the whole file: ask again, for all of it. */
  | { readonly kind: "ask-for-all"; readonly why: string }
  /** The server refuses for now and says for how long. */
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "other-status" };

const CHANGED = "the file has changed on the server";
const NO_RANGES = "the server does not continue downloads";
const NOT_KNOWN = "nothing shows that the existing file is a part of this one";
/** RFC 9110 §8.8.2.2: one second would do, but the clocks of file systems and servers differ. */
const LAST_MODIFIED_AGE_MS_MIN = 60_000;

/** `held` is the part that the request asked to continue; `wallMs` is now, for a Retry-After with a date. */
export function decideStep(
  status: number,
  headers: IncomingHttpHeaders,
  held: Held | undefined,
  wallMs: number,
): Step {
  if (status === 200) {
    const version = readVersion(headers, readLength(headers["content-length"]));
    return { kind: "whole", version, why: held && explainWhole(held.version, version) };
  }
  if (status === 206 && held !== undefined) return decideRest(headers, held);
  if (status === 416 && held !== undefined) return decideEnd(headers, held);
  if (status === 429 || status === 503) {
    const told = headers["retry-after"];
    const waitMs = told === undefined ? undefined : parseRetryAfter(told.trim(), wallMs);
    if (waitMs !== undefined) return { kind: "wait", waitMs };
  }
  return { kind: "other-status" };
}

/** The version in a complete answer, or in a 206 with the size of the whole. */
function readVersion(headers: IncomingHttpHeaders, totalBytes: number | undefined): Version {
  return { validator: readValidator(headers), totalBytes };
}

function readValidator({ etag, date, ...headers }: IncomingHttpHeaders): string | undefined {
  if (etag !== undefined) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined;
  const modified = headers["last-modified"];
  if (modified === undefined || date === undefined) return undefined;
  const ageMs = Date.parse(date) - Date.parse(modified);
  return ageMs >= LAST_MODIFIED_AGE_MS_MIN ? modified : undefined;
}

function explainWhole(held: Version, now: Version): string {
  const isKnownToDiffer = held.validator !== undefined && held.validator !== now.validator;
  return isKnownToDiffer ? CHANGED : NO_RANGES;
}

function decideRest(headers: IncomingHttpHeaders, held: Held): Step {
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(
    headers["content-range"] ?? "",
  );
  // The body has several ranges or does not name its range: not what was asked for.
  if (range === null) return { kind: "ask-for-all", why: NO_RANGES };
  const [, first, , total] = range;
  const totalBytes = total === "*" ? held.version.totalBytes : Number(total);
  const version = readVersion(headers, totalBytes);
  if (held.version.validator === undefined) return { kind: "ask-for-all", why: NOT_KNOWN };
  if (isOther(held.version, headers, totalBytes)) return { kind: "ask-for-all", why: CHANGED };
  if (Number(first) !== held.bytes) return { kind: "ask-for-all", why: NO_RANGES };
  return { kind: "rest", version: { ...version, validator: held.version.validator } };
}

/** 416: the part is as long as the file, or the file has changed. */
function decideEnd(headers: IncomingHttpHeaders, held: Held): Step {
  const told = /^bytes \*\/(\d{1,15})$/i.exec(headers["content-range"] ?? "")?.[1];
  const totalBytes = told === undefined ? held.version.totalBytes : Number(told);
  const isWhole = totalBytes === held.bytes && !isOther(held.version, headers, totalBytes);
  return isWhole ? { kind: "complete" } : { kind: "ask-for-all", why: CHANGED };
}

/** Whether the answer shows that it has another version than the part. */
function isOther(
  { validator, totalBytes }: Version,
  headers: IncomingHttpHeaders,
  toldBytes: number | undefined,
): boolean {
  if (totalBytes !== undefined && toldBytes !== undefined && totalBytes !== toldBytes) return true;
  if (validator === undefined) return false;
  const told = validator.startsWith('"') ? headers.etag : headers["last-modified"];
  return told !== undefined && told !== validator;
}

function readLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
