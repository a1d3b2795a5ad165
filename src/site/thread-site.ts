// The site as a thread answers from it: its folder, its rules, its caches. Made once by each thread
// that answers requests (server-thread.ts, mount-thread.ts) from the task that it was started with.

import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { HitCounter } from "../hits/counter.ts";
import type { SharedMemory } from "../memory/memory-layout.ts";
import { ContentTypes } from "./file/content-type.ts";
import { CodedFiles } from "./file/encoding.ts";
import { type IgnoredSibling, Siblings } from "./file/siblings.ts";
import { FileTags } from "./file/versions.ts";
import type { FolderSite } from "./folder-answer.ts";
import { ReadmeFiles } from "./listing/readme.ts";
import { RememberedFolders } from "./listing/remembered-folders.ts";
import { WorkPlace } from "./listing/time-slice.ts";
import { FolderZips } from "./listing/zip-answer.ts";
import { MountTable, readMountInfo } from "./mount/table.ts";
import { compileSiteRules } from "./rules.ts";
import { ServedRoot } from "./served-folder.ts";
import { OwnFiles } from "./serving-rules.ts";

/** What a thread that answers requests is started with, as far as the site needs it. */
export interface SiteTask {
  /** 1 and up; 0 is the main thread. */
  readonly threadIndex: number;
  readonly config: ServeConfig;
  readonly memory: SharedMemory;
}

export interface ThreadSiteOptions {
  /** Whether the thread may wait for a disk, because no other request waits for the thread. */
  readonly mayWait: boolean;
  /** Answers what this thread may not wait for. */
  readonly elsewhere?: FolderSite["elsewhere"];
  /** Called for the first compressed sibling that is not sent because it is older than its file. */
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
}

export async function openThreadSite(
  task: SiteTask,
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
