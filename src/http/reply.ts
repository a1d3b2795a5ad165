// An answer as a plain value: a status, fields and a body. Handlers return it, engines send it. It knows no
// socket, no file and no protocol version. A body is bytes in memory, a part of a source (source.ts) that is read
// while it is sent, or parts that are made while they are sent.

import type { SourcePart } from "./source.ts";

/** A part of a body that is made while it is sent. An empty one is a pause, in which the client may have left. */
export type BodyPart = string | Buffer;

export type ReplyBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | ({ readonly kind: "source" } & SourcePart)
  | {
      readonly kind: "parts";
      readonly parts: Iterable<BodyPart> | AsyncIterable<BodyPart>;
      /** The engine calls it once, whether it took the parts or not. */
      readonly close?: () => void;
    };

/** Releases what a body holds. The engine calls it once for each reply. */
export function closeBody(body: ReplyBody): void {
  if (body.kind === "source") body.source.close();
  if (body.kind === "parts") body.close?.();
}

/** One field as it will be sent. An engine makes any value safe when it serialises it. */
export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

export interface Reply {
  readonly status: number;
  readonly fields: Fields;
  readonly body: ReplyBody;
  /** Whether the same value answers other requests too: an engine may remember what it serialised. */
  readonly isShared?: boolean | undefined;
  /** Whether the connection must end after this answer. */
  readonly close?: boolean | undefined;
}

/**
 * The fields that one use of a reply adds to it, because of the request that it answers. They come last. Exactly
 * one of them has a number that differs from one use to the next, so that an engine can replace its digits in
 * bytes that it has kept.
 */
export interface UseFields {
  /** The same array for the same values: engines compare it by identity. */
  readonly others: Fields;
  readonly name: string;
  /** The value up to the number; comparing it is cheapest if the same text is the same string. */
  readonly before: string;
  /** A whole number, 0 or more. */
  readonly count: number;
  /** The least number of digits; a shorter number gets zeros in front. */
  readonly digitsMin: number;
  /** The value behind the number. */
  readonly after: string;
}

export const NO_BODY: ReplyBody = { kind: "none" };

/** A reply whose body is text in memory. */
export function textReply(
  status: number,
  contentType: string,
  text: string,
  fields: Fields = [],
): Reply {
  return {
    status,
    fields: [["Content-Type", contentType], ...fields],
    body: { kind: "bytes", bytes: Buffer.from(text) },
  };
}

/** The same reply with more fields behind its own. */
export function withFields(reply: Reply, fields: Fields): Reply {
  return fields.length === 0 ? reply : { ...reply, fields: [...reply.fields, ...fields] };
}

// Status codes that weir answers with, and their reason phrases (RFC 9110 §15, RFC 6585).

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** The reason phrase of a status; empty for a status that weir does not know (RFC 9112 §4 allows that). */
export function reasonOf(status: number): string {
  return REASONS[status] ?? "";
}
