// What is never served: the files that weir itself reads and writes, its configuration, tokens, logs and
// counts. No rule, name or link makes content of them, because they hold secrets or speak of clients.
// file/open-served.ts and listings ask.

import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MountTable } from "./mount/table.ts";

export interface OwnPaths {
  /** Absolute paths of files; they need not exist yet. */
  readonly files: readonly string[];
  /** Absolute paths of folders, with all that lies in them. */
  readonly folders: readonly string[];
  /** A file of this name is weir's wherever it lies, and so is a copy of it, as `NAME.bak`. */
  readonly name: string;
}

export interface OwnFilesOptions extends OwnPaths {
  /** The mounts that must not be looked at; undefined: everything may be. */
  readonly mounts?: Pick<MountTable, "hasSlow" | "locate"> | undefined;
  readonly monotonicMs: () => number;
}

type Identity = Pick<Stats, "dev" | "ino">;

/** Logs are rotated and configurations replaced, so their places are looked up again this often at most. */
const LOOK_INTERVAL_MS = 1000;
const [SLASH, DOT, DASH] = [0x2f, 0x2e, 0x2d];

/** One for each thread that answers. */
export class OwnFiles {
  readonly #options: OwnFilesOptions;
  #files: readonly Buffer[];
  #folders: readonly Buffer[];
  #identities: Set<string>;
  #lookedMs: number;

  constructor(options: OwnFilesOptions) {
    this.#options = options;
    this.#files = [];
    this.#folders = [];
    this.#identities = new Set();
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether a file of that name is weir's own, in any folder. */
  hasName(name: string): boolean {
    return name.toLowerCase().startsWith(this.#options.name);
  }

  /** Whether it is one of them, also by a hard link. */
  hasIdentity({ dev, ino }: Identity): boolean {
    this.#look();
    return this.#identities.has(`${dev} ${ino}`);
  }

  /**
   * Whether it is one of them by where it lies, or a rotated copy of one (`access.log.1`,
   * `access.log-20260101.gz`).
   * @param realPath after all symbolic links, as bytes
   */
  hasPath(realPath: Buffer): boolean {
    this.#look();
    for (const file of this.#files) {
      if (!isPrefix(file, realPath)) continue;
      const next = realPath[file.length];
      if (next === undefined || next === DOT || next === DASH) return true;
    }
    for (const folder of this.#folders) {
      if (!isPrefix(folder, realPath)) continue;
      const next = realPath[folder.length];
      if (next === undefined || next === SLASH) return true;
    }
    return false;
  }

  #look(): void {
    const { files, folders, mounts, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs < LOOK_INTERVAL_MS) return;
    this.#lookedMs = nowMs;
    const slow = mounts?.hasSlow === true ? mounts : undefined;
    this.#identities = new Set();
    this.#files = lookUp(files, slow, this.#identities);
    this.#folders = lookUp(folders, slow, this.#identities);
  }
}

/**
 * Where files lie, without those in slow mounts.
 * @param identities gets those of the files that exist
 */
function lookUp(
  paths: readonly string[],
  slow: Pick<MountTable, "locate"> | undefined,
  identities: Set<string>,
): Buffer[] {
  const places: Buffer[] = [];
  for (const path of paths) {
    if (slow?.locate("", path) !== undefined) continue;
    places.push(whereItLies(path));
    try {
      const { dev, ino } = statSync(path);
      identities.add(`${dev} ${ino}`);
    } catch {
      // It does not exist yet.
    }
  }
  return places;
}

/** The real path; of a file that does not exist yet, that of the folder that it will lie in. */
function whereItLies(path: string): Buffer {
  try {
    return realpathSync.native(path, { encoding: "buffer" });
  } catch {
    const parent = dirname(path);
    if (parent === path) return Buffer.from(path);
    return Buffer.from(join(whereItLies(parent).toString(), path.slice(parent.length)));
  }
}

function isPrefix(own: Buffer, path: Buffer): boolean {
  return path.length >= own.length && path.compare(own, 0, own.length, 0, own.length) === 0;
}
