// The head of a request, whatever protocol it came by: an engine has checked it, and nothing has interpreted
// it yet.

/** The fields that some part of weir reads. An engine checks all others and keeps none of them. */
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

export interface RequestHead {
  readonly method: string;
  /** As the client sent it, for the access log. */
  readonly rawTarget: string;
  readonly target: RequestTarget;
  readonly fields: ReadonlyMap<FieldName, string>;
  /** The protocol and its version, as access logs write them: `HTTP/1.1`. */
  readonly protocol: string;
}

/** Why a request gets no other answer. The connection ends after it. */
export interface Refusal {
  readonly status: 400 | 408 | 414 | 417 | 431 | 501 | 503 | 505;
  /** A sentence for the person at the other end; undefined: the general one for the status. */
  readonly explanation: string | undefined;
}
