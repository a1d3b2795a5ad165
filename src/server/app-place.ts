// Which absent paths are places of an app that names them itself (--spa). Pure. Called by
// folder-answer.ts when nothing that is served has a path.

import type { RequestHead } from "../http/request.ts";
import { namesHtml } from "../listing/listing-query.ts";
import { wantsPage } from "./absent-page.ts";

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
