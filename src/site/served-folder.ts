// The served folder: where its root lies, and which names in it are served. The same rules decide what is
// answered and what is listed, so a listing never shows what a click does not get. What is never served
// is own-files.ts's question. The root may be a symbolic link that is switched from one release to the
// next (`ln -s r2 next && mv -T next current`), so each thread looks up where it leads while the server
// runs. A request takes one ServedFolder and keeps it: it never mixes two releases.

import { realpathSync } from "node:fs";
import type { MountTable, SlowMount } from "./mount/table.ts";
import type { OwnFiles } from "./own-files.ts";
import type { SafePath } from "./path.ts";

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
 * Clients look here for what standards define (RFC 8615 §3): proofs for certificates, contacts, the links
 * of apps. Only the one in the root counts, and hidden names inside it stay hidden.
 */
export const WELL_KNOWN_NAME = ".well-known";

/** Whether no name on the way to a path, its own included, is hidden. Holds for files and folders. */
export function isVisible(rules: ServingRules, { segments }: SafePath): boolean {
  const name = segments.at(-1);
  if (name !== undefined && rules.ownFiles?.hasName(name) === true) return false;
  if (rules.hidden) return true;
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith(".") && (index > 0 || segment !== WELL_KNOWN_NAME)) return false;
  }
  return true;
}

/** Whether listings and zips name it: to them `.well-known` is a name like any other with a dot. */
export function isVisibleName(rules: ServingRules, name: string): boolean {
  if (rules.ownFiles?.hasName(name) === true) return false;
  return rules.hidden || !name.startsWith(".");
}

/** Whether a file of that name is of a served type. A leading dot begins a name, not an extension. */
export function isServedType({ types }: ServingRules, name: string): boolean {
  if (types === undefined) return true;
  const dot = name.lastIndexOf(".");
  return dot > 0 && types.has(name.slice(dot + 1).toLowerCase());
}

const SLASH = 0x2f;

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
  // The next byte matters: without it "/srv/site-secret" would lie inside "/srv/site".
  return realPath.length === rootBytes || realPath[rootBytes] === SLASH;
}

export interface ServedRootOptions {
  /** Absolute path as the user gave it: each look follows the links in it. */
  readonly dir: string;
  readonly rules: ServingRules;
  readonly mounts?: MountTable | undefined;
  readonly monotonicMs: () => number;
}

/** A switched link is seen this much later at most. A look takes some microseconds. */
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

  /** The root as it lies now, or did a moment ago. The same object as long as the root does not move. */
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
      // The root is gone for the moment, as between two steps of a release: the last place still counts.
    }
    return this.#folder;
  }
}
