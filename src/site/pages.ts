// Which page answers a path that is no file: the index page of a folder, the page of a URL without
// `.html` (--clean-urls), the page of an app that names its own places (--spa), and the site's own page
// for what is absent. Called by site.ts.

import type { RequestHead } from "../http/request.ts";
import type { OpenFile } from "./file/open-file.ts";
import { type OpenOutcome, openServed, openServedFile } from "./file/open-served.ts";
import { decideListingFormat, namesHtml } from "./listing/query.ts";
import {
  childPath,
  formatFileUrlPath,
  formatFolderUrlPath,
  parentPath,
  ROOT_PATH,
  resolvePath,
  type SafePath,
  siblingPath,
} from "./path.ts";
import type { ServedFolder } from "./served-folder.ts";

/** The file that was found under an index name. It may exist and yet not be readable now. */
export interface IndexPage {
  readonly path: SafePath;
  readonly opened: Exclude<OpenOutcome, { kind: "folder" | "absent" }>;
}

/**
 * The page that a folder is answered with: the first of the index names that is there. Only this decides
 * it, so that folders, clean URLs, the page of an app and the hits of a listing agree.
 * @param indexNames best first, one character a byte
 */
export function openIndexPage(
  folder: ServedFolder,
  indexNames: readonly string[],
  folderPath: SafePath,
): IndexPage | undefined {
  for (const name of indexNames) {
    const path = childPath(folderPath, name);
    const opened = openServedFile(folder, path);
    if (opened.kind !== "absent") return { path, opened };
  }
  return undefined;
}

// Pages under URLs without their `.html`: `/about` for about.html, `/docs/` for docs/index.html. Each
// page has one such URL, and only where that URL really leads to it. A URL without a slash at its end is
// a page's, one with a slash a folder's: so docs.html and the folder docs can exist side by side.

const PAGE_ENDING = ".html";

/** An open file, and its path. */
export interface CleanPage {
  readonly path: SafePath;
  readonly file: OpenFile;
}

export interface CleanUrlOptions {
  /** Whether a folder is answered with its index page. */
  readonly showsIndex: boolean;
  /** Best first, one character a byte. */
  readonly indexNames: readonly string[];
}

/** The page that a path without `.html` means. To be called when no file has the path itself. */
export function openCleanPage(folder: ServedFolder, path: SafePath): CleanPage | undefined {
  if (path.isFolderForm) return undefined;
  const pagePath = siblingPath(path, PAGE_ENDING);
  const opened = openServedFile(folder, pagePath);
  return opened.kind === "file" ? { path: pagePath, file: opened.file } : undefined;
}

/**
 * The one URL path of a page, if the request used another one: the file is closed then. Undefined when
 * the request used the right one: the file is still the caller's.
 * @param asked the path of the request
 */
export function findCleanUrl(
  options: CleanUrlOptions,
  folder: ServedFolder,
  asked: SafePath,
  page: CleanPage,
): string | undefined {
  let urlPath: string | undefined;
  try {
    urlPath = decideUrlPath(options, folder, page.path);
    if (urlPath === formatFileUrlPath(asked)) urlPath = undefined;
  } catch (error) {
    page.file.close();
    throw error;
  }
  if (urlPath !== undefined) page.file.close();
  return urlPath;
}

/** Undefined: the URL path of its own name. */
function decideUrlPath(
  { showsIndex, indexNames }: CleanUrlOptions,
  folder: ServedFolder,
  path: SafePath,
): string | undefined {
  const place = indexNames.indexOf(path.segments.at(-1) ?? "");
  if (place >= 0) {
    if (!showsIndex) return undefined;
    const folderPath = parentPath(path);
    const shown = openIndexPage(folder, indexNames.slice(0, place), folderPath);
    if (shown === undefined) return formatFolderUrlPath(folderPath);
    if (shown.opened.kind === "file") shown.opened.file.close();
  }
  if (!path.path.endsWith(PAGE_ENDING)) return undefined;
  const cleanUrl = formatFileUrlPath(path).slice(0, -PAGE_ENDING.length);
  const clean = resolvePath(cleanUrl);
  // Without its ending, a name may be none: "/..html" becomes "/.", which is a folder that exists.
  if (clean.kind !== "path" || clean.path.isFolderForm) return undefined;
  return isFile(folder, clean.path) ? undefined : cleanUrl;
}

/** Whether the answer would be a file of exactly that name, or one that cannot be read now. */
function isFile(folder: ServedFolder, path: SafePath): boolean {
  const opened = openServed(folder, path);
  if (opened.kind === "file") opened.file.close();
  if (opened.kind === "folder") opened.folder.release();
  return opened.kind !== "absent" && opened.kind !== "folder";
}

// What is answered where nothing is.

export const NOT_FOUND_PAGE: SafePath = childPath(ROOT_PATH, "404.html");
/** A page that explains is small. A larger file of that name is something else. */
const NOT_FOUND_PAGE_BYTES_MAX = 1024 * 1024;

/** The site's own page for 404, if it has one and the client wants a page. */
export function openNotFoundPage(folder: ServedFolder, head: RequestHead): OpenFile | undefined {
  if (!wantsPage(head)) return undefined;
  const opened = openServedFile(folder, NOT_FOUND_PAGE);
  if (opened.kind !== "file") return undefined;
  if (opened.file.sizeBytes <= NOT_FOUND_PAGE_BYTES_MAX) return opened.file;
  opened.file.close();
  return undefined;
}

/** The same decision as for weir's own error pages. */
function wantsPage(head: RequestHead): boolean {
  return decideListingFormat(head.fields.get("accept"), head.target.rawQuery ?? "") === "html";
}

/**
 * Endings of the files that pages load or offer for download. The author of an app wants to see that one
 * of them is absent, also in the address bar of a browser. This is a list, and not every ending with a
 * known type: those are a thousand, with `com`, `org`, `ai`, `me` and `rs` among them, in which names of
 * people, hosts and packages end (`/jane@example.com`, `/users/john.doe`, `/pkg/x/1.0.2`).
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
 * Whether a path is a place that an app names itself: a browser asks for it to open a page (its Accept
 * names HTML, which that of scripts, styles, pictures and fetch does not), no name in it is hidden, and
 * it is not named like a file that pages load.
 * @param names of the path, decoded
 */
export function isAppPlace(head: RequestHead, names: readonly string[]): boolean {
  // Neither is `.well-known`: programs test there whether a 404 is one.
  if (names.some((name) => name.startsWith("."))) return false;
  const name = names.at(-1) ?? "";
  const dot = name.lastIndexOf(".");
  if (dot >= 0 && FILE_ENDINGS.has(name.slice(dot + 1).toLowerCase())) return false;
  return namesHtml(head.fields.get("accept")) && wantsPage(head);
}
