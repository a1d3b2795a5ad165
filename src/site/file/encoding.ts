// The content codings: which ones there are, which of them an answer gets (RFC 9110 §8.4.1, §12.5.3), which
// types gain from one, and the files that are compressed on the fly. A new coding needs an entry in
// ENCODINGS, and its name in config/file-rules.ts, where a site can say that files already have it. Called
// by representation.ts and siblings.ts.

import { promisify } from "node:util";
import {
  brotliCompress,
  brotliDecompress,
  constants,
  gunzip,
  gzip,
  zstdCompress,
  zstdDecompress,
} from "node:zlib";
import { readFully } from "../../http/source.ts";
import type { OpenFile } from "./open-file.ts";

export type ContentCoding = "br" | "zstd" | "gzip";

export interface Encoding {
  /** The ending of compressed siblings: `page.html.br`. */
  readonly siblingEnding: string;
  /** The type of encoded bytes for a client that does not accept the coding. */
  readonly contentType: string;
  readonly compress: (bytes: Buffer) => Promise<Buffer>;
  /** @throws for bytes that do not have the coding, or that decode to more than allowed */
  readonly decode: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
}

/** In the order in which weir prefers them where the client has no preference: smallest first. */
export const ENCODINGS: Readonly<Record<ContentCoding, Encoding>> = {
  br: {
    siblingEnding: ".br",
    // Brotli has no type of its own.
    contentType: "application/octet-stream",
    // Quality 5 is where brotli is as fast as gzip's 6 and a fifth smaller.
    compress: (bytes) =>
      promisify(brotliCompress)(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 5,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decode: promisify(brotliDecompress),
  },
  zstd: {
    siblingEnding: ".zst",
    contentType: "application/zstd",
    compress: (bytes) => promisify(zstdCompress)(bytes),
    decode: promisify(zstdDecompress),
  },
  gzip: {
    siblingEnding: ".gz",
    contentType: "application/gzip",
    compress: (bytes) => promisify(gzip)(bytes),
    decode: promisify(gunzip),
  },
};

export const CODINGS = Object.keys(ENCODINGS) as readonly ContentCoding[];

/** Browsers send 23 characters; all registered codings with a weight each take some 200. */
export const ACCEPT_ENCODING_CHARS_MAX = 1024;
/** A list of codings, each with its weight from 0 to 1 (§12.4.2, §12.5.3). */
const ACCEPT_ENCODING =
  /^[ \t,]*(?:[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*;[ \t]*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*(?:,[ \t,]*|$))*$/i;
const IDENTITY_ONLY = ["identity"] as const;
/** In the order of equals: a coding before none. */
const CANDIDATES = [...CODINGS, "identity"] as const;

/**
 * The codings that the client accepts, best first, `identity` among them where it is accepted. A
 * request without the field gets the plain bytes: §12.5.3 allows any coding, but old clients break. A field
 * that is malformed, or longer than any honest one, says nothing: it must not refuse what its sender did not
 * mean to refuse.
 */
export function acceptedCodings(
  acceptEncoding: string | undefined,
): readonly (ContentCoding | "identity")[] {
  if (acceptEncoding === undefined || acceptEncoding.length > ACCEPT_ENCODING_CHARS_MAX) {
    return IDENTITY_ONLY;
  }
  if (!ACCEPT_ENCODING.test(acceptEncoding)) return IDENTITY_ONLY;
  const weights = readWeights(acceptEncoding);
  // §12.5.3: a client that does not name `identity` accepts it, but prefers what it names.
  const least = Math.min(1, ...[...weights.values()].filter((weight) => weight > 0));
  const weightOf = (name: string) =>
    weights.get(name) ?? weights.get("*") ?? (name === "identity" ? least : 0);
  return CANDIDATES.filter((name) => weightOf(name) > 0).sort(
    (one, other) => weightOf(other) - weightOf(one),
  );
}

/** Weights by coding, in lower case. A coding that is named twice has the greater weight. */
function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const element of field.toLowerCase().split(",")) {
    const [name = "", weight] = element.split(/[ \t]*;[ \t]*q=/);
    const coding = name.trim();
    if (coding === "") continue;
    weights.set(coding, Math.max(weights.get(coding) ?? 0, Number(weight ?? 1)));
  }
  return weights;
}

/**
 * Whether a client accepts a coding that the bytes already have. A client that says nothing accepts any
 * (§12.5.3). This is for files that their author stored that way, and that have no other form.
 */
export function acceptsCoding(acceptEncoding: string | undefined, coding: ContentCoding): boolean {
  if (acceptEncoding === undefined || !ACCEPT_ENCODING.test(acceptEncoding)) return true;
  return acceptedCodings(acceptEncoding).includes(coding);
}

const GAINING_TYPES: ReadonlySet<string> = new Set([
  "application/javascript",
  "application/json",
  "application/manifest+json",
  "application/rtf",
  "application/wasm",
  "application/x-sh",
  "application/xml",
  "application/yaml",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/svg+xml",
  "image/vnd.microsoft.icon",
]);

/** Whether files of that type become much smaller. Pictures, films and archives are compressed already. */
export function gainsFromCoding(contentType: string): boolean {
  const type = contentType.split(";", 1)[0] as string;
  return type.startsWith("text/") || /\+(?:json|xml|text)$/.test(type) || GAINING_TYPES.has(type);
}

export type CodableFile = Pick<OpenFile, "sizeBytes" | "read" | "isUnchangedNow">;

/** Below this the coding's own overhead and the two extra fields eat the gain. */
export const CODED_FILE_BYTES_MIN = 1024;
/** A larger file deserves a compressed sibling, made once and better than weir would in a hurry. */
export const CODED_FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Results kept in each thread: the texts of a large site. */
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** Memory that a result takes in addition to its bytes and its key. */
export const ENTRY_BYTES = 256;
/** Jobs at once: each holds a file and its result, 8 MiB at most. */
const JOBS_MAX = 8;

/**
 * The files that are compressed on the fly: once for each version of a file and each coding, on Node's
 * file threads and not on the event loop. The results are kept in a cache of bounded size. One for each
 * server thread.
 */
export class CodedFiles {
  /** In the order of their last use: the first one is dropped first. */
  readonly #results = new Map<string, Buffer>();
  readonly #jobs = new Map<string, Promise<Buffer | undefined>>();
  readonly #cacheBytesMax: number;
  #cachedBytes = 0;

  constructor(cacheBytesMax = CACHE_BYTES_MAX) {
    this.#cacheBytesMax = cacheBytesMax;
  }

  /**
   * A file's bytes in a coding. Undefined when the file has changed meanwhile, or when too many files are
   * being compressed and the caller does not wait for its turn.
   * @param version tells versions of files apart: path and tag
   */
  async get(
    file: CodableFile,
    version: string,
    coding: ContentCoding,
    waits = false,
  ): Promise<Buffer | undefined> {
    const key = `${coding} ${version}`;
    const known = this.#results.get(key);
    if (known !== undefined) {
      this.#results.delete(key);
      this.#results.set(key, known);
      return known;
    }
    const running = this.#jobs.get(key);
    if (running !== undefined) return running;
    if (this.#jobs.size >= JOBS_MAX) {
      if (!waits) return undefined;
      await Promise.race(this.#jobs.values()).catch(() => {});
      return this.get(file, version, coding, waits);
    }
    const job = this.#run(file, coding);
    this.#jobs.set(key, job);
    try {
      const result = await job;
      if (result !== undefined) this.#keep(key, result);
      return result;
    } finally {
      this.#jobs.delete(key);
    }
  }

  async #run(file: CodableFile, coding: ContentCoding): Promise<Buffer | undefined> {
    const bytes = Buffer.allocUnsafe(file.sizeBytes);
    if ((await readFully(file, bytes, 0)) < bytes.length) return undefined;
    if (!file.isUnchangedNow()) return undefined;
    const result = await ENCODINGS[coding].compress(bytes);
    // The result is a view of a block of 64 KiB or more, and would keep the whole block in memory.
    const exact = Buffer.allocUnsafeSlow(result.length);
    result.copy(exact);
    return exact;
  }

  #keep(key: string, result: Buffer): void {
    if (entryBytes(key, result) > this.#cacheBytesMax) return;
    this.#results.set(key, result);
    this.#cachedBytes += entryBytes(key, result);
    for (const [oldestKey, oldest] of this.#results) {
      if (this.#cachedBytes <= this.#cacheBytesMax) break;
      this.#results.delete(oldestKey);
      this.#cachedBytes -= entryBytes(oldestKey, oldest);
    }
  }
}

function entryBytes(key: string, result: Buffer): number {
  return key.length + result.length + ENTRY_BYTES;
}
