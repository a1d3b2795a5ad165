// Readers for the lines of a response head and for what they say about the body. Pure and strict
// (RFC 9112): called by response-parser.ts with whole lines, CR LF already taken off.

export type LoadMethod = "GET" | "HEAD";

export interface StatusLine {
  readonly minorVersion: 0 | 1;
  readonly status: number;
  readonly reasonPhrase: string;
}

export interface Field {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bodyBytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" }
  | { readonly kind: "garbage"; readonly detail: string };

/** RFC 9112 §4: the space after the status is there even when no reason phrase follows. */
export function parseStatusLine(line: string): StatusLine | "malformed" {
  const [, minor, digits, reasonPhrase] =
    /^HTTP\/1\.([01]) ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (digits === undefined || reasonPhrase === undefined) return "malformed";
  return { minorVersion: minor === "0" ? 0 : 1, status: Number(digits), reasonPhrase };
}

/** RFC 9112 §5: no folding, no space before the colon, no control characters. */
export function parseFieldLine(line: string): Field | "malformed" {
  const [, name, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return "malformed";
  return { name: name.toLowerCase(), value: value.replace(/[\t ]+$/, "") };
}

/** RFC 9112 §6.3, in its order; `fields` by lower-case name, repeated ones joined by ", ". */
export function decideBodyFraming(
  method: LoadMethod,
  { status, minorVersion }: StatusLine,
  fields: ReadonlyMap<string, string>,
): BodyFraming {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  // Doubled lengths arrive joined, "5, 5", and are refused with all else that is no number.
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return { kind: "garbage", detail: "the Content-Length is not one number" };
  }
  if (coding !== undefined) {
    if (length !== undefined) {
      return { kind: "garbage", detail: "both Content-Length and Transfer-Encoding" };
    }
    if (coding.toLowerCase() !== "chunked" || minorVersion === 0) {
      return { kind: "garbage", detail: "a Transfer-Encoding that was not asked for" };
    }
  }
  if (method === "HEAD" || status === 204 || status === 304) return { kind: "none" };
  if (coding !== undefined) return { kind: "chunked" };
  if (length !== undefined) return { kind: "length", bodyBytes: Number(length) };
  return { kind: "until-close" };
}

/** RFC 9112 §9.3: what the server says about the connection after this answer. */
export function isKeptAlive(
  { minorVersion }: StatusLine,
  fields: ReadonlyMap<string, string>,
): boolean {
  const options = (fields.get("connection") ?? "").toLowerCase().split(/[\t ]*,[\t ]*/);
  if (options.includes("close")) return false;
  return minorVersion === 1 || options.includes("keep-alive");
}
