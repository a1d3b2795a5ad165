// A request's head as the parser hands it on: checked, and not yet interpreted.

/** The fields that some part of weir reads; all others are checked and let go. */
export type FieldName =
  | "accept"
  | "accept-encoding"
  | "authorization"
  | "connection"
  | "content-length"
  | "expect"
  | "forwarded"
  | "host"
  | "if-match"
  | "if-modified-since"
  | "if-none-match"
  | "if-range"
  | "if-unmodified-since"
  | "origin"
  | "range"
  | "referer"
  | "sec-fetch-site"
  | "transfer-encoding"
  | "user-agent"
  | "x-forwarded-for"
  | "x-forwarded-prefix";

export interface RequestTarget {
  /** Still percent-encoded, beginning with "/"; "*" for the server as a whole. */
  readonly rawPath: string;
  /** Without the "?"; undefined when there was none. */
  readonly rawQuery: string | undefined;
}

/** What the form of a response depends on; known as soon as the request line is. */
export interface ResponseForm {
  readonly method: string;
  /** The minor version: 0 or 1. */
  readonly minorVersion: 0 | 1;
}

export interface RequestHead extends ResponseForm {
  /** As it was sent, for the access log. */
  readonly rawTarget: string;
  readonly target: RequestTarget;
  readonly fields: ReadonlyMap<FieldName, string>;
  /** Whether the connection may serve another request after this one. */
  readonly keepAlive: boolean;
}

/** Why no request is answered. After each of these the connection closes. */
export interface Refusal {
  readonly status: 400 | 408 | 414 | 417 | 431 | 501 | 503 | 505;
  /** A sentence for the person at the other end; undefined: the general one for the status. */
  readonly explanation: string | undefined;
  /** Known when the request line was right and what follows is not: HEAD gets no body even then. */
  readonly form?: ResponseForm;
}
