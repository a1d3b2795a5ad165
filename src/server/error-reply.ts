// Error answers: a short page for people, JSON for programs that ask for it. Pure.

import {
  describeError,
  describeTooManyRequests,
  ERROR_PAGE_CONTENT_SECURITY_POLICY,
  type ErrorText,
  formatErrorPage,
} from "../http/error-page.ts";
import { formatRelativeReference } from "../http/relative-reference.ts";
import { type FieldLines, type Reply, textReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { decideListingFormat } from "../listing/listing-format.ts";

/** The methods that are served (RFC 9110 §10.2.1). */
export const ALLOW_FIELD: FieldLines = "Allow: GET, HEAD, OPTIONS\r\n";

const HTML_FIELDS = `Content-Security-Policy: ${ERROR_PAGE_CONTENT_SECURITY_POLICY}\r\n`;
// An error may be over the next moment, and the form depends on Accept.
const COMMON_FIELDS = "Cache-Control: no-store\r\nVary: Accept\r\n";

export interface ErrorOptions {
  /** More exact than the general text for the status. */
  readonly explanation?: string;
  readonly fields?: FieldLines;
  readonly close?: boolean;
  /** Where the page links the root folder; by default where it is for the path that was asked for. */
  readonly rootHref?: string;
}

/** @param head undefined when the request could not be read */
export function errorReply(
  head: RequestHead | undefined,
  status: number,
  options: ErrorOptions = {},
): Reply {
  const text = describeError(status);
  return formatReply(
    head,
    { ...text, explanation: options.explanation ?? text.explanation },
    options,
  );
}

/** 429, with the words that tell how long to wait. `fields` hold the policy. */
export function tooManyRequestsReply(
  format: "html" | "json",
  limit: { readonly count: number; readonly windowMs: number },
  waitSeconds: number,
  fields: FieldLines,
): Reply {
  const text = describeTooManyRequests({
    requestsMax: limit.count,
    windowMs: limit.windowMs,
    retryAfterSeconds: waitSeconds,
  });
  return formatReplyAs(format, text, { fields });
}

/**
 * From the page to the root folder. None from a page that is no answer about a path: its request could
 * not be read, was refused, or failed before it was known what is below a base path.
 */
function chooseRootHref(
  head: RequestHead | undefined,
  status: number,
  { rootHref }: ErrorOptions,
): string | undefined {
  if (rootHref !== undefined) return rootHref;
  const rawPath = head?.target.rawPath;
  if (rawPath === undefined || !rawPath.startsWith("/") || status >= 500) return undefined;
  return formatRelativeReference(rawPath, "/");
}

/** The form in which a client reads errors. */
export function decideErrorFormat(head: RequestHead | undefined): "html" | "json" {
  const accept = head?.fields.get("accept");
  const query = head?.target.rawQuery;
  if (accept === undefined && query === undefined) return "html";
  return decideListingFormat(accept, query ?? "");
}

function formatReply(head: RequestHead | undefined, text: ErrorText, options: ErrorOptions): Reply {
  const rootHref = chooseRootHref(head, text.status, options);
  return formatReplyAs(decideErrorFormat(head), text, options, rootHref);
}

function formatReplyAs(
  format: "html" | "json",
  text: ErrorText,
  options: ErrorOptions,
  rootHref?: string,
): Reply {
  const type = format === "json" ? "application/json" : "text/html; charset=utf-8";
  const fields = (options.fields ?? "") + COMMON_FIELDS + (format === "html" ? HTML_FIELDS : "");
  const reply = textReply(text.status, type, formatErrorPage(text, format, rootHref), fields);
  return options.close === true ? { ...reply, close: true } : reply;
}
