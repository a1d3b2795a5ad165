// Pages under URLs without their `.html`: `/about` for about.html, `/docs/` for docs/index.html. Each
// page has one such URL, and only where that URL really leads to it. Without a slash at its end a URL
// is a page's, with one a folder's: so docs.html and the folder docs are there side by side.

import type { OpenFile } from "./file/open-file.ts";
import { type OpenOutcome, openServed, openServedFile } from "./file/open-served.ts";
import {
  childPath,
  formatFileUrlPath,
  formatFolderUrlPath,
  parentPath,
  resolvePath,
  type SafePath,
  siblingPath,
} from "./path.ts";
import type { ServedFolder } from "./served-folder.ts";

const PAGE_ENDING = ".html";

/** An open file, and its path. */
export interface CleanPage {
  readonly path: SafePath;
  readonly file: OpenFile;
}

export interface CleanUrlOptions extends IndexPages {
  /** Whether a folder is answered with its index page. */
  readonly index: boolean;
}

/** The page that a path without `.html` means. To be called when no file has the path itself. */
export async function openCleanPage(
  { folder }: IndexPages,
  path: SafePath,
): Promise<CleanPage | undefined> {
  if (path.isFolderForm) return undefined;
  const pagePath = siblingPath(path, PAGE_ENDING);
  const opened = await openServedFile(folder, pagePath);
  return opened.kind === "file" ? { path: pagePath, file: opened.file } : undefined;
}

/**
 * The URL path that a page is to be asked for instead of the one it was asked for by; the file is
 * closed then. undefined when that is the one, and the file is still the caller's.
 * @param asked the path of the request
 */
export async function findCleanUrl(
  options: CleanUrlOptions,
  asked: SafePath,
  page: CleanPage,
): Promise<string | undefined> {
  let urlPath: string | undefined;
  try {
    urlPath = await decideUrlPath(options, page.path);
    if (urlPath === formatFileUrlPath(asked)) urlPath = undefined;
  } catch (error) {
    page.file.close();
    throw error;
  }
  if (urlPath !== undefined) page.file.close();
  return urlPath;
}

/** undefined: its own name. */
async function decideUrlPath(
  options: CleanUrlOptions,
  path: SafePath,
): Promise<string | undefined> {
  const isIndexName = options.indexNames.includes(path.segments.at(-1) ?? "");
  if (isIndexName && !options.index) return undefined;
  const folderUrl = await findFolderUrl(options, path);
  if (folderUrl !== undefined) return folderUrl;
  if (!path.path.endsWith(PAGE_ENDING)) return undefined;
  const cleanUrl = formatFileUrlPath(path).slice(0, -PAGE_ENDING.length);
  const clean = resolvePath(cleanUrl);
  // Without its ending a name may be none: "/..html" becomes "/.", a folder, which is there.
  if (clean.kind !== "path" || clean.path.isFolderForm) return undefined;
  return (await isFile(options, clean.path)) ? undefined : cleanUrl;
}

/** Whether a file of that very name, or one that cannot be had now, would be the answer. */
async function isFile({ folder }: IndexPages, path: SafePath): Promise<boolean> {
  const opened = await openServed(folder, path);
  if (opened.kind === "file") opened.file.close();
  if (opened.kind === "folder") opened.folder.release();
  return opened.kind !== "absent" && opened.kind !== "folder";
}

// The page that a folder is answered with: the first of the index names that is there. Decided here
// alone, so that folders, clean URLs, the page of an app and the hits of a listing agree.

interface IndexPages {
  readonly folder: ServedFolder;
  /** Best first, one character a byte. */
  readonly indexNames: readonly string[];
}

/** The file that was found under an index name; it may exist and not be readable now. */
export interface IndexPage {
  readonly path: SafePath;
  readonly opened: Exclude<OpenOutcome, { kind: "folder" | "absent" }>;
}

export async function openIndexPage(
  { folder, indexNames }: IndexPages,
  folderPath: SafePath,
): Promise<IndexPage | undefined> {
  for (const name of indexNames) {
    const path = childPath(folderPath, name);
    const opened = await openServedFile(folder, path);
    if (opened.kind !== "absent") return { path, opened };
  }
  return undefined;
}

/**
 * The URL path of the folder that is answered with a page; undefined when the page is no index, or one
 * that another goes before.
 * @param path of a page that is there
 */
async function findFolderUrl(
  { folder, indexNames }: IndexPages,
  path: SafePath,
): Promise<string | undefined> {
  const place = indexNames.indexOf(path.segments.at(-1) ?? "");
  if (place < 0) return undefined;
  const folderPath = parentPath(path);
  const earlier = { folder, indexNames: indexNames.slice(0, place) };
  const shown = await openIndexPage(earlier, folderPath);
  if (shown?.opened.kind === "file") shown.opened.file.close();
  return shown === undefined ? formatFolderUrlPath(folderPath) : undefined;
}
