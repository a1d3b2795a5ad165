// Pages under URLs without their `.html`: `/about` for about.html, `/docs/` for docs/index.html. Each
// page has one such URL, and only where that URL really leads to it. Without a slash at its end a URL
// is a page's, with one a folder's: so docs.html and the folder docs are there side by side.

import { findFolderUrl, type IndexPages } from "./index-page.ts";
import type { OpenFile } from "./open-file.ts";
import { openServed, openServedFile } from "./open-served.ts";
import { formatFileUrlPath, resolvePath, type SafePath, siblingPath } from "./resolve-path.ts";

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
