// Pages under URLs without their `.html`: `/about` for about.html, `/docs/` for docs/index.html. Each
// page has one such URL, and only where that URL really leads to it.

import type { OpenFile } from "./open-file.ts";
import { openServed, openServedFile } from "./open-served.ts";
import { formatFileUrlPath, resolvePath, type SafePath, siblingPath } from "./resolve-path.ts";
import type { ServedFolder } from "./served-folder.ts";

const PAGE_ENDING = ".html";
const INDEX_ENDING = "/index.html";

/** An open file, and its path. */
export interface CleanPage {
  readonly path: SafePath;
  readonly file: OpenFile;
}

/** The page that a path without `.html` stands for. To be asked when nothing has the path itself. */
export async function openCleanPage(
  folder: ServedFolder,
  path: SafePath,
): Promise<CleanPage | undefined> {
  if (path.isFolderForm) return undefined;
  const pagePath = siblingPath(path, PAGE_ENDING);
  const opened = openServedFile(folder, pagePath);
  return opened.kind === "file" ? { path: pagePath, file: opened.file } : undefined;
}

export interface CleanUrlOptions {
  readonly folder: ServedFolder;
  /** Whether a folder is answered with its index.html. */
  readonly index: boolean;
}

/**
 * The URL path that a page is to be asked for instead of its own; the file is closed then. undefined
 * when its own is the one, and the file is still the caller's.
 */
export async function findCleanUrl(
  options: CleanUrlOptions,
  page: CleanPage,
): Promise<string | undefined> {
  const { path, file } = page;
  if (!path.path.endsWith(PAGE_ENDING)) return undefined;
  const urlPath = formatFileUrlPath(path);
  if (path.path.endsWith(INDEX_ENDING)) {
    if (!options.index) return undefined;
    file.close();
    return urlPath.slice(0, -INDEX_ENDING.length + 1);
  }
  const cleanUrl = urlPath.slice(0, -PAGE_ENDING.length);
  const clean = resolvePath(cleanUrl);
  // Without its ending a name may be none: "/..html" becomes "/.", a folder, which is there.
  if (clean.kind !== "path") return undefined;
  let isTaken: boolean;
  try {
    isTaken = await isAnswered(options.folder, clean.path);
  } catch (error) {
    file.close();
    throw error;
  }
  if (isTaken) return undefined;
  file.close();
  return cleanUrl;
}

/** Whether a file or folder of that very name would be the answer. */
async function isAnswered(folder: ServedFolder, path: SafePath): Promise<boolean> {
  const opened = openServed(folder, path);
  if (opened.kind === "file") opened.file.close();
  if (opened.kind === "folder") opened.folder.release();
  return opened.kind !== "absent";
}
