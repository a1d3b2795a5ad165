// A request below the base path, as one of the served folder. Called by folder-answer.ts, which sees
// nothing of the base path behind that: what it links and redirects to is relative. Pure.

import { formatRelativeReference } from "../http/relative-reference.ts";
import type { RequestHead } from "../http/request.ts";
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
