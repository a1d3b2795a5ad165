// What a person reads where nothing is: the site's own 404.html. Programs that ask for JSON do not get
// it. Called by folder-answer.ts; the page of an app that names its own places is app-place.ts's.

import { openServedFile } from "../files/open-served.ts";
import { chooseRepresentation, type RepresentationOptions } from "../files/representation.ts";
import { childPath, ROOT_PATH, type SafePath } from "../files/resolve-path.ts";
import { loadSmallBody } from "../files/small-body.ts";
import type { Fields, Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { decideListingFormat } from "../listing/listing-query.ts";

/** A page that explains is small; a larger file of that name is something else. */
const NOT_FOUND_PAGE_BYTES_MAX = 1024 * 1024;

const NOT_FOUND_PAGE: SafePath = childPath(ROOT_PATH, "404.html");

/**
 * The site's own page for 404, where there is one that is served; "changed" when it was written to
 * while it was read. It is no hit, and never kept.
 */
export async function answerWithNotFoundPage(
  options: RepresentationOptions,
  head: RequestHead,
): Promise<Reply | "changed" | undefined> {
  if (!wantsPage(head)) return undefined;
  const opened = await openServedFile(options.folder, NOT_FOUND_PAGE);
  if (opened.kind !== "file") return undefined;
  if (opened.file.sizeBytes > NOT_FOUND_PAGE_BYTES_MAX) {
    opened.file.close();
    return undefined;
  }
  const chosen = await chooseRepresentation(options, head, NOT_FOUND_PAGE, opened.file);
  if (chosen.kind === "unacceptable") return undefined;
  const { source, sizeBytes, contentType, coding, varies } = chosen.representation;
  const vary = varies ? "Accept, Accept-Encoding" : "Accept";
  const fields: Fields = [
    ["Content-Type", contentType],
    ...(coding === undefined ? [] : [["Content-Encoding", coding] as const]),
    ["Cache-Control", "no-store"],
    ["Vary", vary],
  ];
  const body = { kind: "source", source, offsetBytes: 0, lengthBytes: sizeBytes } as const;
  return loadSmallBody(head, { status: 404, fields, body });
}

/** The same decision as for weir's own error pages. */
export function wantsPage(head: RequestHead): boolean {
  return decideListingFormat(head.fields.get("accept"), head.target.rawQuery ?? "") === "html";
}
