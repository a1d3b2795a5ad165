// Which names are served at all: hidden ones, types, symbolic links. Pure. The same rules decide what
// is answered and what is listed, so that a listing never shows what a click does not get.

import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MountTable } from "./mount/table.ts";
import type { SafePath } from "./path.ts";

export interface ServingRules {
  /** Whether names that begin with a dot are served; `/.well-known/` is in any case. */
  readonly hidden: boolean;
  /** `inside`: links may lead within the root; `follow`: anywhere; `deny`: nowhere. */
  readonly symlinks: "inside" | "follow" | "deny";
  /** Lower-case extensions without the dot; undefined serves all. */
  readonly types: ReadonlySet<string> | undefined;
  /** Files that are never served, whatever the rules above say; undefined: there are none. */
  readonly ownFiles?: OwnFiles | undefined;
}

/**
 * Where clients look for what standards put there (RFC 8615 §3): proofs for certificates, contacts,
 * the links of apps. It is a folder of the root and of no other, and what is hidden in it stays so.
 */
export const WELL_KNOWN_NAME = ".well-known";

/** Whether no name on the way to a path, its own included, is hidden. Holds for files and folders. */
export function isVisible(rules: ServingRules, path: SafePath): boolean {
  const name = path.segments.at(-1);
  if (name !== undefined && rules.ownFiles?.hasName(name) === true) return false;
  return rules.hidden || path.segments.every(isVisibleSegment);
}

function isVisibleSegment(segment: string, index: number): boolean {
  return !segment.startsWith(".") || (index === 0 && segment === WELL_KNOWN_NAME);
}

/** Whether listings and zips name it: there `.well-known` is a name like any other with a dot. */
export function isVisibleName(rules: ServingRules, name: string): boolean {
  if (rules.ownFiles?.hasName(name) === true) return false;
  return rules.hidden || !name.startsWith(".");
}

/** Whether a file of that name is of a served type. A leading dot begins a name, not an extension. */
export function isServedType(rules: ServingRules, name: string): boolean {
  if (rules.types === undefined) return true;
  const dot = name.lastIndexOf(".");
  return dot > 0 && rules.types.has(name.slice(dot + 1).toLowerCase());
}

/**
 * Whether what was opened may be served, judged by where it really lies.
 * @param lexicalPath root and requested path joined, as bytes
 * @param realPath the same after all symbolic links
 */
export function isLinkAllowed(
  rules: ServingRules,
  root: Buffer,
  lexicalPath: Buffer,
  realPath: Buffer,
): boolean {
  if (rules.symlinks === "follow" || realPath.equals(lexicalPath)) return true;
  return rules.symlinks === "inside" && isInsideRoot(root, realPath);
}

function isInsideRoot(root: Buffer, realPath: Buffer): boolean {
  const rootBytes = root[root.length - 1] === SLASH ? root.length - 1 : root.length;
  if (realPath.subarray(0, rootBytes).compare(root, 0, rootBytes) !== 0) return false;
  // The byte behind: without it "/srv/site-secret" would lie inside "/srv/site".
  return realPath.length === rootBytes || realPath[rootBytes] === SLASH;
}

// The files that weir itself reads and writes: its configuration, tokens, logs and counts. They are
// never content, whatever the rules say and by whatever name or link they are reached, because they
// hold secrets or tell of clients. Asked by open-served.ts and by listings.

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
