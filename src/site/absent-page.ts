// What is answered where nothing is: the site's own page for a 404, or with --spa the page of an app
// that names its own places. Called by folder-answer.ts.

import type { Fields, Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { loadBufferedBody } from "./file/open-file.ts";
import { openServedFile } from "./file/open-served.ts";
import { chooseRepresentation, type RepresentationOptions } from "./file/representation.ts";
import { decideListingFormat, namesHtml } from "./listing/query.ts";
import { childPath, ROOT_PATH, type SafePath } from "./path.ts";

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
  return loadBufferedBody(head, { status: 404, fields, body });
}

/** The same decision as for weir's own error pages. */
function wantsPage(head: RequestHead): boolean {
  return decideListingFormat(head.fields.get("accept"), head.target.rawQuery ?? "") === "html";
}

/**
 * Endings of the files that pages load, or offer for download. An absent one is a mistake that the
 * author of the app wants to see, also in the address bar of a browser. A list, and not every ending with
 * a known type: those are a thousand, with `com`, `org`, `ai`, `me` and `rs` among them, as which names
 * of people, hosts and packages end. (`/jane@example.com`, `/users/john.doe`, `/pkg/x/1.0.2`)
 */
const FILE_ENDINGS: ReadonlySet<string> = new Set(
  (
    "html htm xhtml css js mjs cjs map json jsonld webmanifest wasm xml txt csv pdf " +
    "png apng jpg jpeg gif webp avif jxl svg svgz ico bmp tif tiff heic cur " +
    "woff woff2 ttf otf eot " +
    "mp3 m4a aac oga ogg opus wav flac weba mp4 m4v webm ogv mov mkv vtt srt m3u8 mpd " +
    "gz br zst zip tar tgz xz bz2 7z rar exe msi dmg iso apk deb rpm"
  ).split(" "),
);

/**
 * Whether a path is one of those that an app names itself: asked for by a browser that opens a page
 * (its Accept names HTML, which that of scripts, styles, pictures and fetch does not), no name in it
 * hidden, and not named as a file that pages load.
 * @param names of the path, decoded
 */
export function isAppPlace(head: RequestHead, names: readonly string[]): boolean {
  // Also what begins with `.well-known`: programs find out there whether a 404 is one.
  if (names.some((name) => name.startsWith("."))) return false;
  const name = names.at(-1) ?? "";
  const dot = name.lastIndexOf(".");
  if (dot >= 0 && FILE_ENDINGS.has(name.slice(dot + 1).toLowerCase())) return false;
  return namesHtml(head.fields.get("accept")) && wantsPage(head);
}
