// What the site answers to a request, as plain values: content with its reply, a redirect, or an error. Also
// the answers that need no file: redirects, and what a client may do (OPTIONS). None of them is a page yet:
// only request/render.ts knows in which form a client reads errors. Except for the body of a reply, the
// values can be sent from one thread to another.

import { findRedirect, formatLocation, type RedirectRule } from "../config/redirect-rule.ts";
import { type Fields, NO_BODY, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { formatRelativeReference } from "../http/url.ts";
import type { SafePath } from "./path.ts";

/** A file, a listing, a zip, or what a client may do (OPTIONS). */
export interface Content {
  readonly kind: "file" | "listing" | "zip" | "options";
  readonly reply: Reply;
  /** The file or folder to count a hit for, if this is one: a GET of something that exists. */
  readonly hitPath: string | undefined;
  /** Whether an equal request gets an equal answer (file/response-cache.ts). */
  readonly isRepeatable: boolean;
}

export interface Redirect {
  readonly kind: "redirect";
  readonly status: number;
  /** As it is sent: an absolute URL, or a reference relative to the address that was asked for. */
  readonly location: string;
}

export interface ErrorAnswer {
  readonly kind: "error";
  readonly status: number;
  /** More exact than the general text for the status. */
  readonly explanation?: string | undefined;
  readonly fields?: Fields;
  /** Whether the connection must end after it. */
  readonly close?: boolean;
}

export type Answer = Content | Redirect | ErrorAnswer;

/** For an error that may be over the next moment. */
export const RETRY_SOON: Fields = [["Retry-After", "1"]];

export function errorAnswer(
  status: number,
  more: Pick<ErrorAnswer, "explanation" | "fields" | "close"> = {},
): ErrorAnswer {
  return { kind: "error", status, ...more };
}

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
 * A redirect to the right URL path: with the slash of a folder, without which relative links in its page
 * would lead elsewhere, or without the ending of a page.
 * @param urlPath of names that are not empty, each encoded again: it can never begin with "//"
 */
export function redirectTo(head: RequestHead, urlPath: string): Redirect {
  const { rawPath, rawQuery } = head.target;
  const query = rawQuery === undefined ? "" : `?${rawQuery}`;
  const location = formatRelativeReference(rawPath, urlPath + query);
  return { kind: "redirect", status: 301, location };
}

/** The methods that are served (RFC 9110 §10.2.1). */
const ALLOW: Fields = [["Allow", "GET, HEAD, OPTIONS"]];

/** Registered methods (RFC 9110 §18.2 and the registry) that a server of files refuses. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL".split(
    " ",
  ),
);

/** @param cors whether pages of other sites may read the answers: OPTIONS then gives them permission */
export function answerOtherMethod(head: RequestHead, cors: boolean): Answer {
  if (head.method === "OPTIONS") {
    const fields = cors ? [...ALLOW, ...PREFLIGHT_FIELDS] : ALLOW;
    const reply = { status: 204, fields, body: NO_BODY };
    return { kind: "options", reply, hitPath: undefined, isRepeatable: false };
  }
  return errorAnswer(KNOWN_METHODS.has(head.method) ? 405 : 501, { fields: ALLOW });
}

// The fields that let pages of other sites read the answers (Fetch standard, "CORS protocol"). Any
// page may: nothing here depends on who asks, and no answer on cookies.

/** For every answer, errors included: otherwise a page learns only that there was an error. */
export const CORS_FIELDS: Fields = [
  ["Access-Control-Allow-Origin", "*"],
  [
    "Access-Control-Expose-Headers",
    "Content-Length, Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After",
  ],
];

/**
 * For the answer to OPTIONS, which browsers send first when a request is more than a plain GET. The
 * names next to the star are for older browsers. A day is longer than any browser remembers it.
 */
const PREFLIGHT_FIELDS: Fields = [
  ["Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"],
  [
    "Access-Control-Allow-Headers",
    "*, Authorization, Cache-Control, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range",
  ],
  ["Access-Control-Max-Age", "86400"],
];
