// Answers about files that clients request many times a second, kept to be given again without a look at the
// file. Each is good for a second; then the file is opened and read again. So a crowd costs one reading a
// second and sees a change at most a second late. A person who edits a page and reloads it, like any client
// within the usual limit, sees every change at once. Each server thread has one cache.

import { RecentMap } from "../../base/recent-map.ts";
import type { FieldName, RequestHead } from "../../http/request.ts";
import type { Content } from "../answer.ts";

/** How long an answer is good, and the time within which requests for it are counted. */
export const CACHED_MS = 1000;
/** Requests after which the next one's answer is kept: more than three clients' at the usual 5/s. */
export const ASKED_OFTEN = 16;
/** For each thread: this holds the hot part of most sites, and is little compared to a thread. */
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** A larger body would fill the cache with one file, and gain little: most of the work is its bytes. */
const CACHED_BODY_BYTES_MAX = 1024 * 1024;
/** The engine keeps bodies up to this size together with their heads, and writes both at once. */
const SHARED_BODY_BYTES_MAX = 64 * 1024;
/** Codings that clients accept, and tags that they have: few of them come again at once for a path. */
const VARIANTS_MAX = 4;
/** What an entry takes besides its bytes: objects, strings, the kept head. */
const ENTRY_BYTES = 2048;
/** Paths whose requests are counted, to tell which are asked for often: some megabytes a thread. */
const COUNTED_PATHS_MAX = 16 * 1024;
/**
 * A longer path is not counted. One file has any number of spellings (`/./././a.txt`), and those that a
 * stranger invents must not fill the memory.
 */
const COUNTED_PATH_CHARS_MAX = 512;

/** A file's answer, and the file whose hit it is. */
export type CachedAnswer = Content & { readonly hitPath: string };

interface Variant {
  readonly fields: RequestHead["fields"];
  readonly madeMs: number;
  readonly bytes: number;
  readonly answer: CachedAnswer;
  useCount: number;
}

interface AskedPath {
  readonly sinceMs: number;
  count: number;
}

/** The fields that choose between the answers that are kept. */
const CHOOSING_FIELDS: readonly FieldName[] = [
  "accept-encoding",
  "if-none-match",
  "if-modified-since",
];
/** With any of these the answer is made for this one request. */
const UNUSUAL_FIELDS: readonly FieldName[] = [
  "range",
  "if-range",
  "if-match",
  "if-unmodified-since",
];

export interface ResponseCacheOptions {
  /** Bytes of all bodies together. Tests set another one. */
  readonly bytesMax?: number;
}

export class ResponseCache {
  readonly #bytesMax: number;
  /** Oldest first: they expire in the order in which they were made. */
  readonly #variantsByPath = new Map<string, readonly Variant[]>();
  readonly #askedPaths = new RecentMap<string, AskedPath>(COUNTED_PATHS_MAX);
  #bytes = 0;

  constructor(options: ResponseCacheOptions = {}) {
    this.#bytesMax = options.bytesMax ?? CACHE_BYTES_MAX;
  }

  /** The answer to a request, if an equal one was answered within the last second. */
  find(head: RequestHead, nowMs: number): CachedAnswer | undefined {
    if (head.method !== "GET") return undefined;
    const variants = this.#variantsByPath.get(head.target.rawPath);
    if (variants === undefined) return undefined;
    for (const variant of variants) {
      if (variant.madeMs > nowMs - CACHED_MS && isSameChoice(variant.fields, head.fields)) {
        variant.useCount++;
        return variant.answer;
      }
    }
    return undefined;
  }

  /**
   * Whether the answer to a request that was not found is worth keeping. Called once for each request.
   * @returns the largest body that is, in bytes; 0 when none is
   */
  bodyBytesMax(head: RequestHead, nowMs: number): number {
    if (head.method !== "GET" || isUnusual(head.fields)) return 0;
    if (head.target.rawPath.length > COUNTED_PATH_CHARS_MAX) return 0;
    if (!this.#isAskedOften(head.target.rawPath, nowMs)) return 0;
    const hasRoom = this.#bytes + CACHED_BODY_BYTES_MAX <= this.#bytesMax;
    return hasRoom ? CACHED_BODY_BYTES_MAX : SHARED_BODY_BYTES_MAX;
  }

  /**
   * Keeps an answer for equal requests.
   * @param answer depends on nothing but the path, the fields above and the file
   * @param nowMs before the file was opened
   */
  keep(head: RequestHead, nowMs: number, answer: CachedAnswer): CachedAnswer {
    const { body } = answer.reply;
    if (body.kind !== "bytes" && body.kind !== "none") return answer;
    const bodyBytes = body.kind === "bytes" ? body.bytes.length : 0;
    const isSmall = bodyBytes <= SHARED_BODY_BYTES_MAX;
    // A small body is in memory twice: by itself, and behind its head.
    const bytes = ENTRY_BYTES + bodyBytes * (isSmall ? 2 : 1);
    if (bytes > this.#bytesMax) return answer;
    const kept = isSmall ? { ...answer, reply: { ...answer.reply, isShared: true } } : answer;
    const variant = { fields: head.fields, madeMs: nowMs, bytes, answer: kept, useCount: 0 };
    this.#add(head.target.rawPath, variant, nowMs);
    return kept;
  }

  /** Drops what has expired. Called a few times a second. */
  forget(nowMs: number): void {
    for (const [path, variants] of this.#variantsByPath) {
      if (variants.some((variant) => variant.madeMs > nowMs - CACHED_MS)) return;
      this.#remove(path);
    }
  }

  #isAskedOften(path: string, nowMs: number): boolean {
    // The path was, until a moment ago, or it is in another coding.
    const variants = this.#variantsByPath.get(path);
    if (variants?.some(({ useCount }) => useCount >= ASKED_OFTEN)) return true;
    const asked = this.#askedPaths.get(path);
    if (asked === undefined || asked.sinceMs <= nowMs - CACHED_MS) {
      this.#askedPaths.set(path, { sinceMs: nowMs, count: 1 });
      return false;
    }
    asked.count++;
    return asked.count > ASKED_OFTEN;
  }

  #add(path: string, variant: Variant, nowMs: number): void {
    const others = (this.#variantsByPath.get(path) ?? []).filter(
      ({ fields, madeMs }) => madeMs > nowMs - CACHED_MS && !isSameChoice(fields, variant.fields),
    );
    this.#remove(path);
    const variants = [variant, ...others.slice(0, VARIANTS_MAX - 1)];
    this.#variantsByPath.set(path, variants);
    for (const { bytes } of variants) this.#bytes += bytes;
    for (const oldest of this.#variantsByPath.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#remove(oldest);
    }
  }

  #remove(path: string): void {
    for (const { bytes } of this.#variantsByPath.get(path) ?? []) this.#bytes -= bytes;
    this.#variantsByPath.delete(path);
  }
}

function isSameChoice(kept: RequestHead["fields"], asked: RequestHead["fields"]): boolean {
  // The same block of fields, read once (http1/request-head-cache.ts).
  if (kept === asked) return true;
  return !isUnusual(asked) && CHOOSING_FIELDS.every((name) => kept.get(name) === asked.get(name));
}

function isUnusual(fields: RequestHead["fields"]): boolean {
  for (const name of UNUSUAL_FIELDS) if (fields.has(name)) return true;
  return false;
}
