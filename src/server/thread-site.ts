// The site as a thread answers from it: its folder, its rules, its caches. Made once by each thread
// that answers requests (server-thread.ts, mount-thread.ts) from the task that it was started with.

import { systemClock } from "../base/clock.ts";
import { ContentTypes } from "../files/content-types.ts";
import { CodedFiles } from "../files/encoding.ts";
import { FileTags } from "../files/file-tags.ts";
import { MountTable, readMountInfo } from "../files/mount-table.ts";
import { OwnFiles } from "../files/own-files.ts";
import { ServedRoot } from "../files/served-folder.ts";
import { type IgnoredSibling, Siblings } from "../files/siblings.ts";
import type { HitCounter } from "../hits/hit-counter.ts";
import { RememberedFolders } from "../listing/remembered-folders.ts";
import { WorkPlace } from "../listing/time-slice.ts";
import type { FolderSite } from "./folder-answer.ts";
import { ReadmeFiles } from "./readme-files.ts";
import { compileSiteRules } from "./site-rules.ts";
import type { ThreadTask } from "./thread-message.ts";
import { FolderZips } from "./zip-answer.ts";

export interface ThreadSiteOptions {
  /** Whether the thread may wait for a disk, because no other request waits for the thread. */
  readonly mayWait: boolean;
  /** Answers what this thread may not wait for. */
  readonly elsewhere?: FolderSite["elsewhere"];
  /** Called for the first compressed sibling that is not sent because it is older than its file. */
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
}

export async function openThreadSite(
  task: ThreadTask,
  hits: Pick<HitCounter, "hitsOf">,
  { mayWait, elsewhere, onIgnoredSibling }: ThreadSiteOptions,
): Promise<FolderSite> {
  const { config } = task;
  const { rootDir: dir, ownPaths, hidden, symlinks, listing } = config;
  const types = config.types && new Set(config.types);
  const { monotonicMs, wallMs } = systemClock;
  const mounts = mayWait ? undefined : new MountTable({ readMounts: readMountInfo, monotonicMs });
  const ownFiles = new OwnFiles({ ...ownPaths, mounts, monotonicMs });
  const root = new ServedRoot({
    dir,
    rules: { hidden, symlinks, types, ownFiles },
    mounts,
    monotonicMs,
  });
  return {
    ...compileSiteRules(config),
    root,
    elsewhere,
    folder: root.current,
    tags: new FileTags(wallMs),
    contentTypes: new ContentTypes(),
    siblings: new Siblings({ onIgnored: onIgnoredSibling }),
    codedFiles: config.compress ? new CodedFiles() : undefined,
    hits,
    wallMs,
    listingMemory: {
      folders: new RememberedFolders(systemClock),
      workPlace: new WorkPlace(),
    },
    readmes: listing && config.readme ? await ReadmeFiles.load() : undefined,
    zips: listing && config.zip ? await FolderZips.load() : undefined,
  };
}
