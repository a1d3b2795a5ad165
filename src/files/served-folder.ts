// The served folder: where its root lies, and under which rules. The root may be a symbolic link that
// is switched from one release to the next (`ln -s r2 next && mv -T next current`), so where it leads
// is looked up again while the server runs. Each request takes one ServedFolder and keeps it: it
// never mixes two releases.

import { realpathSync } from "node:fs";
import { type MountTable, type SlowMount, SlowPlaceError } from "./mount-table.ts";
import type { ServingRules } from "./serving-rules.ts";

/** The root as it lies at one moment. */
export interface ServedFolder {
  /** Absolute path, after all symbolic links. */
  readonly rootDir: string;
  readonly rules: ServingRules;
  /** The mounts that the answering thread must not open; undefined: it may wait for anything. */
  readonly mounts?: MountTable | undefined;
  /** The slow mount that the root itself lies in. */
  readonly slowMount?: SlowMount | undefined;
}

/**
 * Asked before anything below the root is opened.
 * @param path below the root, one character a byte
 * @throws SlowPlaceError when the caller might wait for it
 */
export function assertFast({ rootDir, mounts, slowMount }: ServedFolder, path: string): void {
  const mount = slowMount ?? mounts?.locate(rootDir, path);
  if (mount !== undefined) throw new SlowPlaceError(mount);
}

export interface ServedRootOptions {
  /** Absolute path as the user gave it: links in it are followed at each look. */
  readonly dir: string;
  readonly rules: ServingRules;
  readonly mounts?: MountTable | undefined;
  readonly monotonicMs: () => number;
}

/** A switched link is seen this much later at most; a look takes some microseconds. */
const LOOK_INTERVAL_MS = 100;

/** One for each thread that answers. */
export class ServedRoot {
  readonly #options: ServedRootOptions;
  #folder: ServedFolder;
  #lookedMs: number;

  constructor(options: ServedRootOptions) {
    const { dir, rules, mounts, monotonicMs } = options;
    this.#options = options;
    this.#folder = { rootDir: dir, rules, mounts };
    this.#lookedMs = monotonicMs();
    this.lookAgain();
  }

  /** The root as it lies now, or did a moment ago. The same object as long as it lies there. */
  get current(): ServedFolder {
    const isFresh = this.#options.monotonicMs() - this.#lookedMs < LOOK_INTERVAL_MS;
    return isFresh ? this.#folder : this.lookAgain();
  }

  /** The root as it lies now: for a request that found nothing where it lay a moment ago. */
  lookAgain(): ServedFolder {
    const { dir, rules, mounts, monotonicMs } = this.#options;
    this.#lookedMs = monotonicMs();
    const slowMount = mounts?.locate("", dir);
    try {
      const rootDir = slowMount === undefined ? realpathSync.native(dir) : dir;
      const { rootDir: oldDir, slowMount: oldMount } = this.#folder;
      if (rootDir !== oldDir || slowMount !== oldMount) {
        this.#folder = { rootDir, rules, mounts, slowMount };
      }
    } catch {
      // Gone for the moment, as between two steps of a release: what is answered is what is there.
    }
    return this.#folder;
  }
}
