// Under which path clients know this server: what a trusted proxy says in X-Forwarded-Prefix, and behind
// that --base-path. Only addresses in JSON need it: all others are relative. Pure.

import type { RequestHead } from "../http/request.ts";

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
