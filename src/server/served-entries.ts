// The entries of a folder that a listing or a zip may hold: exactly those that a request would get. Called
// by folder-to-list.ts and folder-zip.ts, which have opened the folder; it decides by the same rules as
// the code that opens files. Another way of reading a folder belongs into readServedEntries.

import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import type { OpenFolder } from "../files/open-file.ts";
import type { ServedFolder } from "../files/served-folder.ts";
import { isLinkAllowed, isServedType, isVisibleName } from "../files/serving-rules.ts";
import type { DirectoryEntry } from "../listing/listing-entry.ts";
import {
  type DescribeEntry,
  type DirectoryContent,
  describeStats,
  readDirectory,
} from "../listing/read-directory.ts";
import type { SlicedWork } from "../listing/time-slice.ts";

export interface DescribeOptions {
  /** Whether a link to a folder counts as that folder; to follow them may lead in a circle. */
  readonly folderLinks: boolean;
}

export interface ServedEntriesLimits {
  /** Names looked at, listed or not. */
  readonly entriesMax: number;
  /** How many of the names behind those are counted at most. */
  readonly countedMax: number;
}

/**
 * Reads what may be listed of an open folder, in no order.
 * @throws what readDirectory does; it may also wait (time-slice.ts, `settled`)
 */
export function* readServedEntries(
  served: ServedFolder,
  { readPath }: Pick<OpenFolder, "readPath">,
  options: DescribeOptions,
  limits: ServedEntriesLimits,
): SlicedWork<DirectoryContent> {
  const { rules } = served;
  // Going by its name: whether it is a folder, which has no type, is not looked up.
  const mayBeListed = (byteName: string) => isVisibleName(rules, byteName);
  const describe = describeFast(served, readPath, describeUnderRules(served, options));
  return yield* readDirectory(readPath, describe, { ...limits, mayBeListed });
}

/**
 * Where the thread must not wait for slow mounts, what lies in one is named and not looked at: its
 * kind and its facts are those of the name. A click on it leads to the mount in any case.
 */
function describeFast(
  { rootDir, rules, mounts }: ServedFolder,
  readPath: Buffer,
  describe: DescribeEntry,
): DescribeEntry {
  if (mounts?.hasSlow !== true) return describe;
  // The kernel's own word; where there is no /proc there is no table of mounts either.
  const folder = readlinkSync(readPath, { encoding: "buffer" }).toString("latin1");
  const mountNames = mounts.namesIn(folder);
  const { mtimeMs } = statSync(readPath);
  const root = Buffer.from(rootDir);
  return (byteName, path) => {
    if (!isVisibleName(rules, byteName)) return undefined;
    if (mountNames.has(byteName)) {
      return { byteName, kind: "directory", sizeBytes: undefined, modifiedMs: mtimeMs };
    }
    const stats = lstatSync(path);
    const mount = stats.isSymbolicLink() ? mounts.locate(folder, `/${byteName}`) : undefined;
    if (mount === undefined) return describe(byteName, path);
    const target = Buffer.from(mount.mountPoint, "latin1");
    if (!isLinkAllowed(rules, root, Buffer.from(path), target)) return undefined;
    return { byteName, kind: "file", sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
  };
}

function describeUnderRules(
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
