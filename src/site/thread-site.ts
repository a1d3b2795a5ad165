// Opens the site as a thread answers from it: its folder, its rules, its caches. Each thread that answers
// requests (serve/server-thread.ts, mount/mount-thread.ts) does so once, from the task that it was started
// with.

import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { HitCounter } from "../hits/counter.ts";
import type { SharedMemory } from "../memory/memory-layout.ts";
import { ContentTypes } from "./file/content-type.ts";
import { CodedFiles } from "./file/encoding.ts";
import { type IgnoredSibling, Siblings } from "./file/siblings.ts";
import { FileTags } from "./file/versions.ts";
import { FolderZips } from "./listing/answer.ts";
import { ReadmeFiles } from "./listing/readme.ts";
import { RememberedFolders } from "./listing/remembered-folders.ts";
import { WorkPlace } from "./listing/time-slice.ts";
import { MountTable, readMountInfo } from "./mount/table.ts";
import { OwnFiles } from "./own-files.ts";
import { FileFields } from "./rules.ts";
import { ServedRoot } from "./served-folder.ts";
import type { Site } from "./site.ts";

/** The part of a thread's task that the site needs. */
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
  readonly elsewhere?: Site["elsewhere"];
  /** Called for the first compressed sibling that is not sent because it is older than its file. */
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
}

export async function openThreadSite(
  task: SiteTask,
  hits: Pick<HitCounter, "hitsOf">,
  { mayWait, elsewhere, onIgnoredSibling }: ThreadSiteOptions,
): Promise<Site> {
  const { config } = task;
  const { rootDir: dir, ownPaths, hidden, symlinks, listing } = config;
  const types = config.types && new Set(config.types);
  const { monotonicMs, wallMs } = systemClock;
  const mounts = mayWait ? undefined : new MountTable({ readMounts: readMountInfo, monotonicMs });
  const ownFiles = new OwnFiles({ ...ownPaths, mounts, monotonicMs });
  const rules = { hidden, symlinks, types, ownFiles };
  const { cacheControl: cacheRules, headers: headerRules } = config;
  const hasFields = cacheRules.length + headerRules.length > 0;
  return {
    config,
    root: new ServedRoot({ dir, rules, mounts, monotonicMs }),
    elsewhere,
    indexNames: config.indexNames.map((name) => Buffer.from(name).toString("latin1")),
    basePath: config.basePath,
    fileFields: hasFields ? new FileFields({ cacheRules, headerRules }) : undefined,
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
