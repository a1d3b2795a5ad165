// Which path below the served folder a request names: the base path is taken off, escapes are decoded,
// dots are resolved. Pure: it touches no file. A SafePath has no way out in it: no empty, "." or ".."
// segment, no slash, no NUL. Several spellings name one path, and everything behind this file sees only
// that one path: rules, hits and redirects too. Whether a symbolic link leads out is decided later, on the
// opened file itself (file/open-served.ts).

import type { RequestHead } from "../http/request.ts";
import { percentEncodeSegment } from "../http/url.ts";

declare const resolved: unique symbol;

/** A path below the root that resolvePath, and nothing else, has made. */
export interface SafePath {
  readonly [resolved]: true;
  /** Decoded names, one character a byte (Latin-1), because a Linux name is bytes. */
  readonly segments: readonly string[];
  /** The segments, each after a slash; empty for the root. The key of a file's hits. */
  readonly path: string;
  /** Whether the request's path ended in a slash, as a folder's does. */
  readonly isFolderForm: boolean;
  /** Whether it contains a control character: the request is broken, unless a file has exactly that name. */
  readonly hasControl: boolean;
}

export type ResolveOutcome =
  | { readonly kind: "path"; readonly path: SafePath }
  /** A name has an encoded slash in it, which no file can have: 404. */
  | { readonly kind: "nameless"; readonly names: readonly string[] }
  /** Broken escapes, NUL, or a way above the root: 400. */
  | { readonly kind: "malformed"; readonly explanation: string };

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const NUL = /%00|\x00/;

/**
 * Slashes that stand together count as one, and before ".." is resolved: as in the paths of POSIX
 * (XBD §4.16), in nginx (merge_slashes) and in Python's http.server. RFC 3986 §5.2.4 would take
 * "/a//../b" for "/a/b"; no client sends that, because clients resolve dots themselves.
 * @param rawPath the target's path as it was sent: visible ASCII, beginning with a slash
 */
export function resolvePath(rawPath: string): ResolveOutcome {
  if (BROKEN_ESCAPE.test(rawPath)) {
    return { kind: "malformed", explanation: "A percent sign is not followed by two hex digits." };
  }
  if (NUL.test(rawPath)) {
    return { kind: "malformed", explanation: "The path has an encoded NUL, which no name has." };
  }
  const rawSegments = rawPath.split("/");
  const segments: string[] = [];
  let isFolderForm = false;
  for (let index = 1; index < rawSegments.length; index++) {
    // Decoded once, here, and never again: `%252e` is the three characters "%2e" of a name.
    const rawSegment = rawSegments[index] as string;
    const segment = rawSegment.includes("%") ? decode(rawSegment) : rawSegment;
    isFolderForm = segment === "" || segment === "." || segment === "..";
    if (segment === "..") {
      if (segments.pop() === undefined) {
        return { kind: "malformed", explanation: "The path leads above the served folder." };
      }
    } else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  // An encoded slash is part of a name, and no name on disk has one.
  for (const segment of segments) {
    if (!segment.includes("/")) continue;
    return { kind: "nameless", names: segments.flatMap((each) => each.split("/")) };
  }
  return { kind: "path", path: toSafePath(segments, isFolderForm) };
}

/** The served folder itself. */
export const ROOT_PATH: SafePath = toSafePath([], true);

function toSafePath(segments: readonly string[], isFolderForm: boolean): SafePath {
  const path = segments.length === 0 ? "" : `/${segments.join("/")}`;
  return { segments, path, isFolderForm, hasControl: CONTROL.test(path) } as unknown as SafePath;
}

/** The path of a name inside a folder. The name is our own, or one that was read from the folder. */
export function childPath(folder: SafePath, name: string): SafePath {
  return toSafePath([...folder.segments, name], false);
}

/** The folder that a file or folder is in. The root is in itself. */
export function parentPath(path: SafePath): SafePath {
  return toSafePath(path.segments.slice(0, -1), true);
}

/** The path of a file with a further ending, in the same folder. The ending comes from our own table. */
export function siblingPath(file: SafePath, ending: string): SafePath {
  const name = `${file.segments.at(-1) ?? ""}${ending}`;
  return toSafePath([...file.segments.slice(0, -1), name], false);
}

/** Percent-decoding (RFC 3986 §2.1), one character a byte. */
function decode(text: string): string {
  let decoded = "";
  let start = 0;
  for (let mark = text.indexOf("%"); mark >= 0; mark = text.indexOf("%", start)) {
    const byte = Number.parseInt(text.slice(mark + 1, mark + 3), 16);
    decoded += text.slice(start, mark) + String.fromCharCode(byte);
    start = mark + 3;
  }
  return decoded + text.slice(start);
}

/** A file's path in a URL, in the one spelling that links use. */
export function formatFileUrlPath(path: SafePath): string {
  return path.segments.map((segment) => `/${percentEncodeSegment(segment)}`).join("");
}

/** A folder's, which ends in a slash. */
export function formatFolderUrlPath(path: SafePath): string {
  return `${formatFileUrlPath(path)}/`;
}

/**
 * The part of a raw path behind the base path, however that is encoded: "" where only its slash is
 * missing, undefined outside of it.
 * @param basePath begins with a slash and ends without
 */
export function stripBasePath(rawPath: string, basePath: string): string | undefined {
  if (rawPath.startsWith(`${basePath}/`)) return rawPath.slice(basePath.length);
  const depth = basePath.split("/").length;
  const segments = rawPath.split("/");
  const base = decodeNames(segments.slice(0, depth).join("/"));
  if (base !== decodeNames(basePath)) return undefined;
  return segments.length === depth ? "" : `/${segments.slice(depth).join("/")}`;
}

/** A path with a broken escape keeps it, and so equals no base path. */
function decodeNames(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    // An encoded slash is part of a name.
    return character === "/" ? "%2F" : character;
  });
}

// The path under which clients know this server: what a trusted proxy says in X-Forwarded-Prefix, and
// behind that --base-path. Only addresses in JSON need it: all others are relative.

export interface PublicPrefix {
  /** `/files`, or "" at the root; never with a slash at its end. */
  readonly prefix: string;
  /** Whether it is the same for every request. */
  readonly isConfigured: boolean;
}

/** No server is known under a longer path. */
const PREFIX_LENGTH_MAX = 256;
/** One or more names, none of them empty, "." or "..". */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+$/;

/** @param head has the field only where a trusted proxy has sent it (request/client-connection.ts) */
export function publicPrefix(head: RequestHead, basePath = ""): PublicPrefix {
  const told = head.fields.get("x-forwarded-prefix");
  const forwarded = told === undefined ? "" : readForwardedPrefix(told);
  return { prefix: forwarded + basePath, isConfigured: forwarded === "" };
}

/** Each of several proxies adds its own prefix behind the others', as it does with addresses. */
function readForwardedPrefix(told: string): string {
  // Proxies pass on what clients send, so a long text is not taken apart.
  if (told.length > PREFIX_LENGTH_MAX) return "";
  const prefix = told
    .split(",", 8)
    .map((one) => one.trim().replace(/\/+$/, ""))
    .join("");
  return PREFIX.test(prefix) ? prefix : "";
}
