// Which names are served at all: hidden ones, types, symbolic links. Pure. The same rules decide what
// is answered and what is listed, so that a listing never shows what a click does not get.

import type { OwnFiles } from "./own-files.ts";
import type { SafePath } from "./resolve-path.ts";

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

const SLASH = 0x2f;

function isInsideRoot(root: Buffer, realPath: Buffer): boolean {
  const rootBytes = root[root.length - 1] === SLASH ? root.length - 1 : root.length;
  if (realPath.subarray(0, rootBytes).compare(root, 0, rootBytes) !== 0) return false;
  // The byte behind: without it "/srv/site-secret" would lie inside "/srv/site".
  return realPath.length === rootBytes || realPath[rootBytes] === SLASH;
}
