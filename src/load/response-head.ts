// Readers for the lines of a response head and for what they say about the body. Pure: called by
// response-parser.ts with whole lines, their end already taken off. They follow RFC 9112, and take
// besides what can be read in one way only; that is told as odd.

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

const STRICT_STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d [\t\x20-\x7e\x80-\xff]*$/;
/** RFC 9112 §4 lets a reader split at any white space. */
const STATUS_LINE = /^HTTP\/1\.([01])[\t ]+([1-9]\d\d)(?:[\t ]+([\t\x20-\x7e\x80-\xff]*))?$/i;

/** Odd without the blank that stands before a reason even where there is none, and in lower case. */
export function parseStatusLine(
  line: string,
): (StatusLine & { readonly isOdd: boolean }) | "malformed" {
  const [, minor, digits, reasonPhrase = ""] = STATUS_LINE.exec(line) ?? [];
  if (digits === undefined) return "malformed";
  const isOdd = !STRICT_STATUS_LINE.test(line);
  return { minorVersion: minor === "0" ? 0 : 1, status: Number(digits), reasonPhrase, isOdd };
}

/** Where a body ends depends on these: they are read strictly or not at all. */
export function isFraming(name: string): boolean {
  return name === "content-length" || name === "transfer-encoding";
}

/** RFC 9112 §5: no control characters. A space before the colon is odd, and wrong in `isFraming`. */
export function parseFieldLine(line: string): (Field & { readonly isOdd: boolean }) | "malformed" {
  const [, rawName, space, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)([\t ]*):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (rawName === undefined || value === undefined) return "malformed";
  const name = rawName.toLowerCase();
  const isOdd = space !== "";
  if (isOdd && isFraming(name)) return "malformed";
  return { name, value: value.replace(/[\t ]+$/, ""), isOdd };
}

/** A line that goes on with the field before it (RFC 9112 §5.2); undefined where it is malformed. */
export function parseFolded(line: string): string | undefined {
  return /^[\t ]+([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line)?.[1];
}

/** RFC 9112 §6.3, in its order; `fields` by lower-case name, repeated ones joined by ", ". */
export function decideBodyFraming(
  method: LoadMethod,
  { status, minorVersion }: StatusLine,
  fields: ReadonlyMap<string, string>,
): BodyFraming {
  const coding = fields.get("transfer-encoding");
  const lengths = fields.get("content-length")?.split(/[\t ]*,[\t ]*/);
  const length = lengths?.[0];
  // RFC 9110 §8.6: the same length several times says one thing, different ones say nothing.
  if (lengths?.some((each) => each !== length || !/^\d{1,15}$/.test(each))) {
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
