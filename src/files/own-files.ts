// The files that weir itself reads and writes: its configuration, tokens, logs and counts. They are
// never content, whatever the rules say and by whatever name or link they are reached, because they
// hold secrets or tell of clients. Asked by open-served.ts and by listings.

import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MountTable } from "./mount-table.ts";

export interface OwnPaths {
  /** Absolute paths of files; they need not be there yet. */
  readonly files: readonly string[];
  /** Absolute paths of folders, with all that lies in them. */
  readonly folders: readonly string[];
  /** A file of this name is weir's wherever it lies, and so is a copy of it, as `NAME.bak`. */
  readonly name: string;
}

export interface OwnFilesOptions extends OwnPaths {
  /** The mounts that must not be looked at; undefined: everything may be. */
  readonly mounts?: Pick<MountTable, "locate"> | undefined;
  readonly monotonicMs: () => number;
}

type Identity = Pick<Stats, "dev" | "ino">;

/** Logs are rotated and configurations replaced: where they lie is looked up this often at most. */
const LOOK_INTERVAL_MS = 1000;
const [SLASH, DOT, DASH] = [0x2f, 0x2e, 0x2d];

/** One for each thread that answers. */
export class OwnFiles {
  readonly #options: OwnFilesOptions;
  #files: readonly Buffer[] = [];
  #folders: readonly Buffer[] = [];
  #identities: ReadonlySet<string> = new Set();
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: OwnFilesOptions) {
    this.#options = options;
  }

  /** Whether a file of that name is weir's own, in any folder. */
  hasName(name: string): boolean {
    return name.toLowerCase().startsWith(this.#options.name);
  }

  /** Whether it is one of them, also by a hard link. */
  hasIdentity(stats: Identity): boolean {
    this.#look();
    return this.#identities.has(identityOf(stats));
  }

  /**
   * Whether it is one of them by where it lies, or a rotated copy of one (`access.log.1`,
   * `access.log-20260101.gz`).
   * @param realPath after all symbolic links, as bytes
   */
  hasPath(realPath: Buffer): boolean {
    this.#look();
    return (
      this.#files.some((file) =>
        isAtOrBehind(file, realPath, (next) => next === DOT || next === DASH),
      ) || this.#folders.some((folder) => isAtOrBehind(folder, realPath, (next) => next === SLASH))
    );
  }

  #look(): void {
    const { mounts, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs < LOOK_INTERVAL_MS) return;
    this.#lookedMs = nowMs;
    const isFast = (path: string) => mounts?.locate("", path) === undefined;
    const files = this.#options.files.filter(isFast);
    const folders = this.#options.folders.filter(isFast);
    this.#files = files.map((path) => Buffer.from(whereItLies(path)));
    this.#folders = folders.map((path) => Buffer.from(whereItLies(path)));
    this.#identities = new Set([...files, ...folders].flatMap(identityAt));
  }
}

/** The real path; of what is not there yet, that of the folder it will lie in. */
function whereItLies(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(whereItLies(parent), path.slice(parent.length));
  }
}

function identityAt(path: string): string[] {
  try {
    return [identityOf(statSync(path))];
  } catch {
    return [];
  }
}

function identityOf({ dev, ino }: Identity): string {
  return `${dev} ${ino}`;
}

function isAtOrBehind(own: Buffer, path: Buffer, isBehind: (next: number) => boolean): boolean {
  if (path.length < own.length || path.compare(own, 0, own.length, 0, own.length) !== 0)
    return false;
  const next = path[own.length];
  return next === undefined || isBehind(next);
}
