// What a listing, and a zip, may hold of a folder: exactly what a request for it would get. Called by
// listing-answer.ts and zip-answer.ts; it opens nothing, and decides by the same rules as whoever does.

import { lstatSync, realpathSync, statSync } from "node:fs";
import type { ServedFolder } from "../files/served-folder.ts";
import { isLinkAllowed, isServedType, isVisibleName } from "../files/serving-rules.ts";
import type { DirectoryEntry } from "../listing/listing-entry.ts";
import { type DescribeEntry, describeStats } from "../listing/read-directory.ts";

export interface DescribeOptions {
  /** Whether a link to a folder counts as that folder; to follow them may lead in a circle. */
  readonly folderLinks: boolean;
}

export function describeUnderRules(
  { rules, rootDir }: ServedFolder,
  { folderLinks }: DescribeOptions,
): DescribeEntry {
  const root = Buffer.from(rootDir);
  return (byteName, path) => {
    if (!isVisibleName(rules, byteName)) return undefined;
    const stats = lstatSync(path);
    if (rules.ownFiles?.hasIdentity(stats) === true) return undefined;
    const entry = stats.isSymbolicLink()
      ? describeLink(byteName, path)
      : describeStats(byteName, stats);
    return entry?.kind === "file" && !isServedType(rules, byteName) ? undefined : entry;
  };

  function describeLink(byteName: string, path: string | Buffer): DirectoryEntry | undefined {
    // The native one: the other takes a path for UTF-8.
    const realPath = realpathSync.native(path, { encoding: "buffer" });
    if (!isLinkAllowed(rules, root, Buffer.from(path), realPath)) return undefined;
    const stats = statSync(realPath);
    if (rules.ownFiles?.hasIdentity(stats) || rules.ownFiles?.hasPath(realPath)) return undefined;
    const entry = describeStats(byteName, stats);
    return entry?.kind === "directory" && !folderLinks ? undefined : entry;
  }
}
