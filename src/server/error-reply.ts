// Error answers: a short page for people, JSON for programs that ask for it. Pure.

import {
  describeError,
  describeTooManyRequests,
  ERROR_PAGE_CONTENT_SECURITY_POLICY,
  type ErrorText,
  formatErrorPage,
} from "../http/error-page.ts";
import { type FieldLines, type Reply, textReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { retryAfterSeconds } from "../limit/limit-headers.ts";
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

/** 429, with the words that tell how long to wait. `fields` hold Retry-After. */
export function tooManyRequestsReply(
  head: RequestHead,
  limit: { readonly count: number; readonly windowMs: number },
  waitMs: number,
  fields: FieldLines,
): Reply {
  const text = describeTooManyRequests({
    requestsMax: limit.count,
    windowMs: limit.windowMs,
    retryAfterSeconds: retryAfterSeconds(waitMs),
  });
  return formatReply(head, text, { fields });
}

function formatReply(head: RequestHead | undefined, text: ErrorText, options: ErrorOptions): Reply {
  const format = decideListingFormat(head?.fields.get("accept"), head?.target.rawQuery ?? "");
  const type = format === "json" ? "application/json" : "text/html; charset=utf-8";
  const fields = (options.fields ?? "") + COMMON_FIELDS + (format === "html" ? HTML_FIELDS : "");
  const reply = textReply(text.status, type, formatErrorPage(text, format), fields);
  return options.close === true ? { ...reply, close: true } : reply;
}
