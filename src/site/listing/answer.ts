// The answer that lists a folder: reads it under the serving rules, adds the hits, and hands the page
// on in parts, compressed where the client takes that, so that a large folder is never one large string.

import { constants, crc32, deflateRawSync } from "node:zlib";
import { systemClock } from "../../base/clock.ts";
import type { HitCounter } from "../../hits/counter.ts";
import type { Field, Fields, Reply, ReplyBody } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { acceptedCodings } from "../file/encoding.ts";
import { type PublicPrefix, publicPrefix, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import type { DirectoryEntry } from "./entry.ts";
import {
  FolderGoneError,
  type FolderToRead,
  type ListingMemory,
  ServedFolderToList,
} from "./folder-to-list.ts";
import { type ListingForm, listingParts } from "./form.ts";
import { createHtmlForm } from "./html.ts";
import { createJsonForm } from "./json.ts";
import {
  decideListingFormat,
  type ListingQuery,
  namesHtml,
  PAGE_ENTRIES,
  parseListingQuery,
} from "./query.ts";
import type { ReadmeFiles } from "./readme.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "./style.ts";
import { continueInSlices, runFirstSlice, type SlicedWork } from "./time-slice.ts";
import type { FolderZips } from "./zip-answer.ts";

export interface ListingSource {
  readonly hits: Pick<HitCounter, "hitsOf">;
  readonly listingMemory: ListingMemory;
  /** Of the pages that folders are answered with, one character a byte. */
  readonly indexNames: readonly string[];
  /** undefined: listings are not compressed. */
  readonly codedFiles?: unknown;
  /** undefined: a README is a file like any other. */
  readonly readmes?: ReadmeFiles | undefined;
  /** undefined: a folder cannot be had as a zip. */
  readonly zips?: FolderZips | undefined;
  /** What stands before every path, as the configuration says; "" if nothing. */
  readonly basePath: string;
}

/** A listing of up to some two hundred rows leaves in one piece, and says how long it is. */
const WHOLE_LENGTH_MAX = 72 * 1024;
// Hits change with every request, so no copy of a listing is worth keeping.
const NO_STORE: Field = ["Cache-Control", "no-store"];
const FORM_FIELDS: Readonly<Record<ListingForm["name"], Fields>> = {
  html: [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", LISTING_CONTENT_SECURITY_POLICY],
    NO_STORE,
  ],
  json: [["Content-Type", "application/json"], NO_STORE],
};

type Format = ListingForm["name"];

/**
 * "absent" when the folder has gone since it was opened.
 * @param folder released once it is read, or the body is closed
 */
export function answerWithListing(
  source: ListingSource,
  served: ServedFolder,
  head: RequestHead,
  path: SafePath,
  folder: FolderToRead,
): Reply | "absent" {
  const { readmes } = source;
  const rawQuery = head.target.rawQuery ?? "";
  const query = parseListingQuery(rawQuery);
  const format = decideListingFormat(head.fields.get("accept"), rawQuery);
  const parts = listingParts({
    form: createForm(source, format, publicPrefix(head, source.basePath)),
    pathSegments: path.segments,
    query,
    entriesPerPage: decideEntriesPerPage(head, format, query),
    hitsOf: (entry) => hitsOf(source, path, entry),
    folder: new ServedFolderToList(served, path, folder, source.listingMemory),
    readmeOf:
      readmes === undefined || !showsReadme(format, query)
        ? undefined
        : (entries) => readmes.sectionFor(served, path, entries),
  });
  const isCoded = source.codedFiles !== undefined && takesGzip(head);
  const vary = source.codedFiles === undefined ? "Accept" : "Accept, Accept-Encoding";
  const coding: Fields = isCoded ? [["Content-Encoding", "gzip"]] : [];
  const fields: Fields = [...FORM_FIELDS[format], ...coding, ["Vary", vary]];
  try {
    return { status: 200, fields, body: beginBody(parts, isCoded) };
  } catch (error) {
    parts.return();
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof FolderGoneError || code === "ENOENT" || code === "ENOTDIR")
      return "absent";
    throw error;
  }
}

/** @throws what reading the folder throws before there is a part to send */
function beginBody(parts: SlicedWork<void>, isCoded: boolean): ReplyBody {
  const first = runFirstSlice(parts, WHOLE_LENGTH_MAX);
  if (first.isAll) {
    return { kind: "bytes", bytes: isCoded ? gzipText(first.text) : Buffer.from(first.text) };
  }
  const texts = continueInSlices(first, parts, systemClock.monotonicMs);
  return {
    kind: "parts",
    parts: isCoded ? gzipTextParts(texts) : texts,
    close: () => {
      parts.return();
    },
  };
}

function createForm(
  { zips }: ListingSource,
  format: Format,
  { prefix, isConfigured }: PublicPrefix,
): ListingForm {
  return format === "json"
    ? createJsonForm({ prefix, isShared: isConfigured })
    : createHtmlForm({ nowMs: systemClock.wallMs(), hasZip: zips !== undefined });
}

/**
 * A browser gets the page of a long folder in pages: it says that it wants text/html. Programs, which
 * take what comes, get all of it: those that copy a folder read one listing of it and know no pages.
 */
function decideEntriesPerPage(
  head: RequestHead,
  format: Format,
  { page, perPage }: ListingQuery,
): number | undefined {
  const isAskedFor = page !== undefined || perPage !== undefined;
  const isForBrowser = format === "html" && namesHtml(head.fields.get("accept"));
  return isAskedFor || isForBrowser ? (perPage ?? PAGE_ENTRIES) : undefined;
}

/** Below the first page of all names. */
function showsReadme(format: Format, { page, wanted }: ListingQuery): boolean {
  return format === "html" && wanted === "" && (page === undefined || page === 1);
}

/** gzip alone can be put together of parts that are compressed by themselves. */
function takesGzip(head: RequestHead): boolean {
  const acceptEncoding = head.fields.get("accept-encoding");
  if (acceptEncoding === undefined) return false;
  const best = acceptedCodings(acceptEncoding).find((one) => one === "gzip" || one === "identity");
  return best === "gzip";
}

/** For a folder: of its listing and of its index pages, whichever a click on it shows. */
function hitsOf(source: ListingSource, path: SafePath, entry: DirectoryEntry): number {
  const entryPath = `${path.path}/${entry.byteName}`;
  if (entry.kind === "file") return source.hits.hitsOf(entryPath);
  let hits = source.hits.hitsOf(`${entryPath}/`);
  for (const name of source.indexNames) hits += source.hits.hitsOf(`${entryPath}/${name}`);
  return hits;
}

/** RFC 1952 §2.3: deflate, no name, no time, no flags, from an unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** A last block that is empty: fixed codes, and their end. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** Rows are much alike: a tenth of their length is left, and half a millisecond a part is spent. */
const LEVEL = 4;
const EMPTY = Buffer.alloc(0);

export class GzipParts {
  #crc = 0;
  #lengthBytes = 0;
  #header = HEADER;

  add(text: string): Buffer {
    const bytes = Buffer.from(text);
    if (bytes.length === 0) return EMPTY;
    this.#crc = crc32(bytes, this.#crc);
    this.#lengthBytes += bytes.length;
    const header = this.#header;
    this.#header = EMPTY;
    const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH };
    return Buffer.concat([header, deflateRawSync(bytes, options)]);
  }

  /** The end of the stream, after at least one part. */
  end(): Buffer {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#lengthBytes % 2 ** 32, 4);
    return Buffer.concat([LAST_BLOCK, trailer]);
  }
}

/** A whole text. */
function gzipText(text: string): Buffer {
  const parts = new GzipParts();
  return Buffer.concat([parts.add(text), parts.end()]);
}

/** Coded parts of about this many bytes leave together. */
const PART_BYTES = 24 * 1024;

/** The parts of a text, coded; pauses are handed on as they are. */
async function* gzipTextParts(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const parts = new GzipParts();
  let coded: Buffer[] = [];
  let codedBytes = 0;
  for await (const text of texts) {
    if (text === "") {
      yield EMPTY;
      continue;
    }
    const part = parts.add(text);
    coded.push(part);
    codedBytes += part.length;
    if (codedBytes < PART_BYTES) continue;
    const together = Buffer.concat(coded);
    coded = [];
    codedBytes = 0;
    yield together;
  }
  yield Buffer.concat([...coded, parts.end()]);
}
