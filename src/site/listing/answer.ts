// The answers about a folder: its listing, and the folder as a zip. A listing leaves in parts (parts.ts),
// compressed where the client accepts that, so a large folder is never one large string. Called by
// site/site.ts.

import { basename } from "node:path";
import { systemClock } from "../../base/clock.ts";
import type { HitCounter } from "../../hits/counter.ts";
import type { BodyPart, Field, Fields, Reply, ReplyBody } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { findQueryValue } from "../../http/url.ts";
import { warn } from "../../log/warning.ts";
import { acceptedCodings } from "../file/encoding.ts";
import { type PublicPrefix, publicPrefix, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { type DirectoryEntry, formatDisplayName } from "./entry.ts";
import {
  FolderGoneError,
  type FolderToRead,
  type ListingMemory,
  ServedFolderToList,
} from "./folder-to-list.ts";
import type { ListingForm } from "./form.ts";
import { createHtmlForm } from "./html.ts";
import { createJsonForm } from "./json.ts";
import { gzipText, gzipTextParts, listingParts } from "./parts.ts";
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
import type { zipParts } from "./zip.ts";

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

// The folder as a zip: `?download=zip`, where it is offered. zip.ts says what is in it.

/** In one thread at once: each may hold some 50 MB for as long as its client reads. */
export const ZIPS_MAX = 8;

export function asksForZip(head: RequestHead): boolean {
  const { rawQuery } = head.target;
  return rawQuery !== undefined && findQueryValue(rawQuery, "download") === "zip";
}

export class FolderZips {
  readonly #zipParts: typeof zipParts;
  #runningCount = 0;

  private constructor(makeParts: typeof zipParts) {
    this.#zipParts = makeParts;
  }

  /** The code that makes zips (zip.ts) is loaded only where they are offered. */
  static async load(): Promise<FolderZips> {
    const { zipParts: makeParts } = await import("./zip.ts");
    return new FolderZips(makeParts);
  }

  /** "busy" while as many are being sent as may be. */
  answer(folder: ServedFolder, path: SafePath): Reply | "busy" {
    if (this.#runningCount >= ZIPS_MAX) return "busy";
    this.#runningCount++;
    const name = nameFolder(folder, path);
    const parts = tellOfCut(this.#zipParts(folder, path), name);
    return {
      status: 200,
      // What is in it, and the hits, change: no copy is worth keeping.
      fields: [
        ["Content-Type", "application/zip"],
        formatAttachment(`${name}.zip`),
        ["Cache-Control", "no-store"],
      ],
      body: {
        kind: "parts",
        parts,
        close: () => {
          this.#runningCount--;
          // If the client began to read it, it has ended already.
          void parts.return(undefined);
        },
      },
    };
  }
}

/** The client sees that the connection ends early, and the operator reads why. */
async function* tellOfCut(parts: AsyncGenerator<BodyPart>, name: string) {
  try {
    yield* parts;
  } catch (error) {
    warn(`the zip of ${JSON.stringify(name)} was cut short: ${(error as Error).message}`);
    throw error;
  }
}

function nameFolder({ rootDir }: ServedFolder, path: SafePath): string {
  const byteName = path.segments.at(-1);
  if (byteName !== undefined) return formatDisplayName(byteName);
  return basename(rootDir) || "files";
}

// The field that makes a download of an answer and names its file (RFC 6266).

/** Characters that need no escape in an extended value (RFC 8187 §3.2.1, attr-char). */
const PLAIN_IN_FIELD = /[A-Za-z0-9!#$&+.^_`|~-]/;

/** The name twice: as ASCII for programs that know nothing else, and as it is. */
export function formatAttachment(fileName: string): Field {
  const wellFormed = fileName.toWellFormed();
  // Some clients would take a percent sign for an escape, others a backslash for a folder.
  const ascii = wellFormed.replaceAll(/[^\x20-\x7e]|["\\%/]/gu, "_");
  const encoded = Array.from(Buffer.from(wellFormed), encodeByte).join("");
  return ["Content-Disposition", `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`];
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (PLAIN_IN_FIELD.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
