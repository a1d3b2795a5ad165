// The answer that lists a folder: reads it under the serving rules, adds the hits, and hands the page
// on in parts, so that a large folder is never one large string.

import { statSync } from "node:fs";
import { systemClock } from "../base/clock.ts";
import type { OpenFolder } from "../files/open-file.ts";
import type { SafePath } from "../files/resolve-path.ts";
import type { ServedFolder } from "../files/served-folder.ts";
import type { HitCounter } from "../hits/hit-counter.ts";
import type { Reply, ReplyBody } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { DirectoryEntry } from "../listing/listing-entry.ts";
import { type ListingForm, type LoadedFolder, listingParts } from "../listing/listing-form.ts";
import { decideListingFormat } from "../listing/listing-format.ts";
import { createHtmlForm } from "../listing/listing-html.ts";
import { jsonForm } from "../listing/listing-json.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "../listing/listing-style.ts";
import { readDirectory } from "../listing/read-directory.ts";
import { RememberedFolder, type RememberedFolders } from "../listing/remembered-folders.ts";
import { parseListingOrder, sortByName } from "../listing/sort-entries.ts";
import { continueInSlices, runFirstSlice, type SlicedWork } from "../listing/time-slice.ts";
import type { ReadmeFiles } from "./readme-files.ts";
import { describeUnderRules } from "./served-entries.ts";
import type { FolderZips } from "./zip-answer.ts";

export interface ListingSource {
  readonly folder: ServedFolder;
  readonly hits: Pick<HitCounter, "hitsOf">;
  /** Of the pages that folders are answered with, one character a byte. */
  readonly indexNames: readonly string[];
  /** undefined: a folder is read for each listing. */
  readonly rememberedFolders?: RememberedFolders | undefined;
  /** undefined: a README is a file like any other. */
  readonly readmes?: ReadmeFiles | undefined;
  /** undefined: a folder cannot be had as a zip. */
  readonly zips?: FolderZips | undefined;
}

/** What one request may cost: a page of 30 MB, twice that of pictures, and half a second of a thread. */
const ENTRIES_MAX = 100_000;
/** A listing of up to some two hundred rows leaves in one piece, and says how long it is. */
const WHOLE_LENGTH_MAX = 64 * 1024;
/**
 * A folder that changed less than this ago may change again without another date: the clock for files
 * of kernels before Linux 6.13, and of others, stands still for up to 10 ms.
 */
const YOUNG_MS = 20;
// Hits change with every request, so no copy of a listing is worth keeping.
const COMMON_FIELDS = "Cache-Control: no-store\r\nVary: Accept\r\n";
const HTML_FIELDS = `Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: ${LISTING_CONTENT_SECURITY_POLICY}\r\n${COMMON_FIELDS}`;
const JSON_FIELDS = `Content-Type: application/json\r\n${COMMON_FIELDS}`;

/**
 * "absent" when the folder has gone since it was opened.
 * @param folder released once it is read, or the body is closed
 */
export function answerWithListing(
  source: ListingSource,
  head: RequestHead,
  path: SafePath,
  folder: Pick<OpenFolder, "readPath" | "release">,
): Reply | "absent" {
  const query = head.target.rawQuery ?? "";
  const isJson = decideListingFormat(head.fields.get("accept"), query) === "json";
  const form = isJson
    ? jsonForm
    : createHtmlForm({ nowMs: systemClock.wallMs(), hasZip: source.zips !== undefined });
  const parts = listingParts(
    {
      form,
      pathSegments: path.segments,
      order: parseListingOrder(query),
      hitsOf: (entry) => hitsOf(source, path, entry),
    },
    loadListing(source, path, form, folder),
  );
  try {
    return { status: 200, fields: isJson ? JSON_FIELDS : HTML_FIELDS, body: beginBody(parts) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof FolderGoneError || code === "ENOENT" || code === "ENOTDIR")
      return "absent";
    throw error;
  }
}

/** @throws what reading the folder throws before there is a part to send */
function beginBody(parts: SlicedWork<void>): ReplyBody {
  const { text, isAll } = runFirstSlice(parts, WHOLE_LENGTH_MAX);
  if (isAll) return { kind: "bytes", bytes: Buffer.from(text) };
  return {
    kind: "parts",
    parts: continueInSlices(text, parts, systemClock.monotonicMs),
    close: () => {
      parts.return();
    },
  };
}

/** The folder, and its README for a page. */
function* loadListing(
  source: ListingSource,
  path: SafePath,
  form: ListingForm,
  folder: Pick<OpenFolder, "readPath" | "release">,
): SlicedWork<LoadedFolder> {
  const loaded = yield* loadFolder(source, path, form, folder);
  if (form.name !== "html" || source.readmes === undefined) return loaded;
  const { entries } = loaded.content;
  return { ...loaded, readme: source.readmes.sectionFor(source.folder, path, entries) };
}

/** Reads the folder, or remembers it. Begun and ended, it has released it, whatever happened. */
function* loadFolder(
  source: ListingSource,
  path: SafePath,
  form: ListingForm,
  folder: Pick<OpenFolder, "readPath" | "release">,
): SlicedWork<LoadedFolder> {
  try {
    const readMs = systemClock.monotonicMs();
    const { version, isYoung } = readVersion(folder.readPath);
    const pathSegments = path.segments;
    const known = source.rememberedFolders?.find(pathSegments, version);
    if (known !== undefined) return known.inForm(form);
    const describe = describeUnderRules(source.folder, { folderLinks: true });
    const limits = { entriesMax: ENTRIES_MAX };
    const directory = yield* readDirectory(folder.readPath, describe, limits);
    const { nameBytes, isComplete } = directory;
    const content = { ...(yield* sortByName(directory.entries)), isComplete };
    const read = { pathSegments, version, content, nameBytes, readMs };
    const { rememberedFolders } = source;
    if (isYoung || rememberedFolders === undefined) {
      return new RememberedFolder(read, () => {}).inForm(form);
    }
    return rememberedFolders.add(read).inForm(form);
  } finally {
    folder.release();
  }
}

/** An open folder that was removed can be read, and is empty. */
class FolderGoneError extends Error {
  override readonly name = "FolderGoneError";
}

/** What tells a folder from others, and from itself with other names in it. */
function readVersion(readPath: Buffer): { version: string; isYoung: boolean } {
  const { dev, ino, nlink, mtimeMs, ctimeMs } = statSync(readPath);
  if (nlink === 0) throw new FolderGoneError("the folder was removed");
  const changedMs = Math.max(mtimeMs, ctimeMs);
  return {
    version: `${dev} ${ino} ${mtimeMs} ${ctimeMs}`,
    isYoung: systemClock.wallMs() - changedMs < YOUNG_MS,
  };
}

/** For a folder: of its listing and of its index pages, whichever a click on it shows. */
function hitsOf(source: ListingSource, path: SafePath, entry: DirectoryEntry): number {
  const entryPath = `${path.path}/${entry.byteName}`;
  if (entry.kind === "file") return source.hits.hitsOf(entryPath);
  let hits = source.hits.hitsOf(`${entryPath}/`);
  for (const name of source.indexNames) hits += source.hits.hitsOf(`${entryPath}/${name}`);
  return hits;
}
