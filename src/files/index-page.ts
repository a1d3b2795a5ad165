// The page that a folder is answered with: the first of the index names that is there. Decided here
// alone, so that folders, clean URLs, the page of an app and the hits of a listing agree.

import { type OpenOutcome, openServedFile } from "./open-served.ts";
import { childPath, formatFolderUrlPath, parentPath, type SafePath } from "./resolve-path.ts";
import type { ServedFolder } from "./served-folder.ts";

export interface IndexPages {
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
export async function findFolderUrl(
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
