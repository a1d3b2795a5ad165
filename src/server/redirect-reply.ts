// The answers that send a client to another URL: by a rule of the configuration, or to the one right
// spelling of a path. On this server they are relative, so that they stay below the prefix under which a
// proxy may have put it. Pure.

import { findRedirect, formatLocation, type RedirectRule } from "../config/redirect-rule.ts";
import type { SafePath } from "../files/resolve-path.ts";
import { formatRelativeReference } from "../http/relative-reference.ts";
import type { RequestHead } from "../http/request.ts";
import type { Redirect } from "./answer.ts";

/** The redirect of the first rule for a path, if there is one. */
export function redirectByRule(
  rules: readonly RedirectRule[],
  head: RequestHead,
  path: SafePath,
): Redirect | undefined {
  if (rules.length === 0) return undefined;
  const found = findRedirect(rules, path.isFolderForm ? `${path.path}/` : path.path);
  if (found === undefined) return undefined;
  const to = formatLocation(found, head.target.rawQuery);
  const isHere = to.startsWith("/");
  const location = isHere ? formatRelativeReference(head.target.rawPath, to) : to;
  return { kind: "redirect", status: found.rule.status, location };
}

/**
 * To the URL path that is the right one: with the slash of a folder, without which relative links in
 * its page would go astray, or without the ending of a page.
 * @param urlPath of names that are not empty, each encoded anew: it can never begin with "//"
 */
export function redirectTo(head: RequestHead, urlPath: string): Redirect {
  const { rawPath, rawQuery } = head.target;
  const query = rawQuery === undefined ? "" : `?${rawQuery}`;
  const location = formatRelativeReference(rawPath, urlPath + query);
  return { kind: "redirect", status: 301, location };
}
