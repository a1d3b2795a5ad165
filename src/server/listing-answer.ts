// The answer that lists a folder: reads it under the serving rules, adds the hits, and hands the page
// on in parts, so that a large folder is never one large string.

import type { Dirent } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import type { ServedFolder } from "../files/open-file.ts";
import type { SafePath } from "../files/resolve-path.ts";
import { isLinkAllowed, isServedType, isVisibleName } from "../files/serving-rules.ts";
import type { HitCounter } from "../hits/hit-counter.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { DirectoryEntry, Listing } from "../listing/listing-entry.ts";
import { decideListingFormat } from "../listing/listing-format.ts";
import { listingHtmlParts } from "../listing/listing-html.ts";
import { listingJsonParts } from "../listing/listing-json.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "../listing/listing-style.ts";
import {
  type DescribeEntry,
  type DirectoryContent,
  describeByLstat,
  describeStats,
  type EntryFacts,
  joinNameBytes,
  readDirectory,
} from "../listing/read-directory.ts";
import { parseListingOrder } from "../listing/sort-entries.ts";

export interface ListingSource {
  readonly folder: ServedFolder;
  readonly hits: Pick<HitCounter, "hitsOf">;
}

/** What one request may cost: a page of 40 MB and about a second of a thread's time. */
const ENTRIES_MAX = 100_000;
// Hits change with every request, so no copy of a listing is worth keeping.
const COMMON_FIELDS = "Cache-Control: no-store\r\nVary: Accept\r\n";
const HTML_FIELDS = `Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: ${LISTING_CONTENT_SECURITY_POLICY}\r\n${COMMON_FIELDS}`;
const JSON_FIELDS = `Content-Type: application/json\r\n${COMMON_FIELDS}`;

/**
 * "absent" when the folder has gone since it was opened.
 * @param systemPath the folder as it was opened a moment ago
 */
export async function answerWithListing(
  source: ListingSource,
  head: RequestHead,
  path: SafePath,
  systemPath: Buffer,
): Promise<Reply | "absent"> {
  const query = head.target.rawQuery ?? "";
  const format = decideListingFormat(head.fields.get("accept"), query);
  const fields = format === "json" ? JSON_FIELDS : HTML_FIELDS;
  if (head.method === "HEAD") return { status: 200, fields, body: { kind: "parts", parts: [] } };
  const describe = describeUnderRules(source.folder, systemPath);
  const content = await readIfThere(systemPath, describe);
  if (content === "absent") return content;
  const listing: Listing = {
    pathSegments: path.segments.map((segment) => Buffer.from(segment, "latin1")),
    entries: content.entries.map((entry) => ({ ...entry, hits: hitsOf(source, path, entry) })),
  };
  const order = parseListingOrder(query);
  const parts =
    format === "json"
      ? listingJsonParts(listing, order)
      : listingHtmlParts(listing, order, { isComplete: content.isComplete });
  return { status: 200, fields, body: { kind: "parts", parts } };
}

async function readIfThere(
  systemPath: Buffer,
  describe: DescribeEntry,
): Promise<DirectoryContent | "absent"> {
  try {
    return await readDirectory(systemPath, describe, { entriesMax: ENTRIES_MAX });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "absent";
    throw error;
  }
}

/** For a folder: of its listing and of its index page, whichever a click on it shows. */
function hitsOf(source: ListingSource, path: SafePath, entry: DirectoryEntry): number {
  const entryPath = `${path.path}/${entry.nameBytes.toString("latin1")}`;
  if (entry.kind === "file") return source.hits.hitsOf(entryPath);
  return source.hits.hitsOf(`${entryPath}/`) + source.hits.hitsOf(`${entryPath}/index.html`);
}

/** Lists exactly what a request for it would get. */
function describeUnderRules(folder: ServedFolder, systemPath: Buffer) {
  const { rules } = folder;
  const root = Buffer.from(folder.rootDir);
  const describePlain = describeByLstat(systemPath);
  return async (nameBytes: Buffer, dirent: Dirent<Buffer>): Promise<EntryFacts | undefined> => {
    const name = nameBytes.toString("latin1");
    if (!isVisibleName(rules, name)) return undefined;
    const facts = dirent.isSymbolicLink()
      ? await describeLink(nameBytes)
      : await describePlain(nameBytes, dirent);
    return facts?.kind === "file" && !isServedType(rules, name) ? undefined : facts;
  };

  async function describeLink(nameBytes: Buffer): Promise<EntryFacts | undefined> {
    const linkPath = joinNameBytes(systemPath, nameBytes);
    const realPath = await realpath(linkPath, { encoding: "buffer" });
    if (!isLinkAllowed(rules, root, linkPath, realPath)) return undefined;
    return describeStats(await stat(realPath));
  }
}
