// What the site says to a request, as plain values: content with its reply, a redirect, or an error. None
// of them is a page yet: request/render.ts alone knows in which form a client reads errors. The values
// can cross from one thread to another, but for the body of a reply.

import type { Fields, Reply } from "../http/reply.ts";

/** A file, a listing, a zip, or what a client may do (OPTIONS). */
export interface Content {
  readonly kind: "file" | "listing" | "zip" | "options";
  readonly reply: Reply;
  /** The file or folder to count a hit for, if this is one: a GET of something that exists. */
  readonly hitPath: string | undefined;
  /** Whether a request for the same path under the same conditions gets the same (hot-files.ts). */
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
