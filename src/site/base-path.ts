// A request below the base path, as one of the served folder. Called by folder-answer.ts, which sees
// nothing of the base path behind that: what it links and redirects to is relative. Pure.

import type { RequestHead } from "../http/request.ts";
import { formatRelativeReference } from "../http/url.ts";
import { type ErrorAnswer, errorAnswer, type Redirect } from "./answer.ts";

/**
 * The head without the base path; or the answer outside of it: a redirect for the base path without its
 * slash, a 404 for the rest.
 * @param basePath "" for none; else it begins with a slash and ends without
 */
export function stripBasePath(
  basePath: string,
  head: RequestHead,
): RequestHead | Redirect | ErrorAnswer {
  if (basePath === "" || head.target.rawPath === "*") return head;
  const { rawPath, rawQuery } = head.target;
  const rest = restBehind(rawPath, basePath);
  if (rest === undefined) return errorAnswer(404);
  if (rest === "") {
    const query = rawQuery === undefined ? "" : `?${rawQuery}`;
    const location = formatRelativeReference(rawPath, `${basePath}/${query}`);
    return { kind: "redirect", status: 301, location };
  }
  return { ...head, target: { rawPath: rest, rawQuery } };
}

/** The rest of a path behind the base path, however that is encoded; undefined outside of it. */
function restBehind(rawPath: string, basePath: string): string | undefined {
  if (rawPath.startsWith(`${basePath}/`)) return rawPath.slice(basePath.length);
  const depth = basePath.split("/").length;
  const segments = rawPath.split("/");
  const isBelow = decode(segments.slice(0, depth).join("/")) === decode(basePath);
  if (!isBelow) return undefined;
  return segments.length === depth ? "" : `/${segments.slice(depth).join("/")}`;
}

/** A path that is encoded wrongly stays as it is, and is no base path. */
function decode(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    // An encoded slash is part of a name.
    return character === "/" ? "%2F" : character;
  });
}

// Under which path clients know this server: what a trusted proxy says in X-Forwarded-Prefix, and behind
// that --base-path. Only addresses in JSON need it: all others are relative. Pure.

export interface PublicPrefix {
  /** `/files`, or "" at the root; never with a slash at its end. */
  readonly prefix: string;
  /** Whether it is the same for every request. */
  readonly isConfigured: boolean;
}

/** Longer ones are nobody's path. */
const PREFIX_LENGTH_MAX = 256;
/** One or more names, none of them empty, "." or "..". */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+$/;

/**
 * @param head of which the field has been taken out unless it came from a trusted proxy
 * (client-connection.ts)
 */
export function publicPrefix(head: RequestHead, basePath = ""): PublicPrefix {
  const told = head.fields.get("x-forwarded-prefix");
  const forwarded = told === undefined ? "" : readForwardedPrefix(told);
  return { prefix: forwarded + basePath, isConfigured: forwarded === "" };
}

/** Of several proxies each has added its own behind the others', as it has with addresses. */
function readForwardedPrefix(told: string): string {
  // Proxies pass on what clients send: a long text is not taken apart.
  if (told.length > PREFIX_LENGTH_MAX) return "";
  const prefix = told
    .split(",", 8)
    .map((one) => one.trim().replace(/\/+$/, ""))
    .join("");
  return PREFIX.test(prefix) ? prefix : "";
}
