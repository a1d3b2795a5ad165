// The answers that send a client to another URL: by a rule of the configuration, or to the one right
// spelling of a path. Pure.

import { findRedirect, formatLocation, type RedirectRule } from "../config/redirect-rule.ts";
import type { SafePath } from "../files/resolve-path.ts";
import { formatField, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { errorReply } from "./error-reply.ts";

/** The redirect of the first rule for a path, if there is one. */
export function redirectByRule(
  rules: readonly RedirectRule[],
  head: RequestHead,
  path: SafePath,
): Reply | undefined {
  if (rules.length === 0) return undefined;
  const found = findRedirect(rules, path.isFolderForm ? `${path.path}/` : path.path);
  if (found === undefined) return undefined;
  const location = formatLocation(found, head.target.rawQuery);
  return errorReply(head, found.rule.status, { fields: formatField("Location", location) });
}

/**
 * To the URL path that is the right one: with the slash of a folder, without which relative links in
 * its page would go astray, or without the ending of a page.
 * @param urlPath of names that are not empty, each encoded anew: it can never begin with "//"
 */
export function redirectTo(head: RequestHead, urlPath: string): Reply {
  const query = head.target.rawQuery === undefined ? "" : `?${head.target.rawQuery}`;
  return errorReply(head, 301, { fields: formatField("Location", urlPath + query) });
}
