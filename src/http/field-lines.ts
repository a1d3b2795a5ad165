// The field lines of a request head (RFC 9112 §5) and what they say together about the message.
// Pure and strict: what is ambiguous is refused, never repaired.

import { isValidHost } from "./host.ts";
import type { HttpLimits } from "./http-limits.ts";
import type { FieldName, Refusal, RequestHead } from "./request.ts";
import type { RequestLine } from "./request-line.ts";

const READ_FIELDS: ReadonlySet<string> = new Set<FieldName>([
  "accept",
  "accept-encoding",
  "authorization",
  "connection",
  "content-length",
  "expect",
  "forwarded",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "referer",
  "sec-fetch-site",
  "transfer-encoding",
  "user-agent",
  "x-forwarded-for",
  "x-forwarded-prefix",
]);
/** By the length of a name the codes of the first letters of those that are read. */
const READ_BEGINNINGS: ReadonlySet<number>[] = [];
for (const name of READ_FIELDS) {
  const known = READ_BEGINNINGS[name.length] ?? new Set();
  READ_BEGINNINGS[name.length] = new Set([...known, name.charCodeAt(0)]);
}
/** Turns the code of a capital into that of its letter, and leaves letters as they are. */
const SMALL_LETTER = 0x20;
/** Nobody writes more blanks around a value; more are left to the engine's own code. */
const USUAL_BLANKS_MAX = 16;
const NO_BREAK_SPACE = "\u00a0";
/** Fields on which the reading of a message depends: a second one is an attack or a defect. */
const SINGLE_FIELDS: ReadonlySet<string> = new Set(["content-length", "host", "transfer-encoding"]);
/** Those that decide about the body or the connection. */
const SPEAKING_FIELDS: readonly FieldName[] = [
  "connection",
  "content-length",
  "expect",
  "transfer-encoding",
];
/** No leading zeros: some readers take them for octal. 15 digits are exact as a number. */
const LENGTH = /^(?:0|[1-9]\d{0,14})$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Methods whose requests have no body here (RFC 9110 §9.3.1: a body of GET has no meaning). */
const BODILESS_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function refuse(explanation: string, status: Refusal["status"] = 400): Refusal {
  return { status, explanation };
}

/** The field lines of one head, read; what they mean for a message depends on its request line too. */
export interface FieldBlock {
  readonly fields: ReadonlyMap<FieldName, string>;
  readonly isHostValid: boolean;
  /** A valid host, and nothing that says anything about the body or the connection. */
  readonly isPlain: boolean;
}

/**
 * @param head the field lines, each ended by CRLF, one character a byte; control characters other
 *   than tab are known to be absent, and so is any CR or LF that is not part of a CRLF
 */
export function parseFieldLines(head: string, limits: HttpLimits): FieldBlock | Refusal {
  const fields = new Map<FieldName, string>();
  let fieldCount = 0;
  for (let at = 0; at < head.length; ) {
    const end = head.indexOf("\r\n", at);
    const colon = head.indexOf(":", at);
    if (colon < 0 || colon > end) return refuse("A header line has no colon, or is folded.");
    const name = head.slice(at, colon);
    if (!NAME.test(name)) return refuse("A header name is not a token, or a line is folded.");
    if (++fieldCount > limits.fieldsMax) {
      return refuse(`A request has at most ${limits.fieldsMax} header fields.`, 431);
    }
    // Most names of a stranger are told by their length and first letter not to be read.
    const lowerName = mayBeRead(name) ? name.toLowerCase() : "";
    if (READ_FIELDS.has(lowerName)) {
      const value = trimBlanks(head, colon + 1, end);
      const known = fields.get(lowerName as FieldName);
      if (known !== undefined && SINGLE_FIELDS.has(lowerName)) {
        return refuse(`The field ${lowerName} stands twice.`);
      }
      // RFC 9110 §5.3: several lines of one name are one list.
      fields.set(lowerName as FieldName, known === undefined ? value : `${known}, ${value}`);
    }
    at = end + 2;
  }
  const isHostValid = isValidHost(fields.get("host") ?? "");
  const isPlain = isHostValid && !SPEAKING_FIELDS.some((name) => fields.has(name));
  return { fields, isHostValid, isPlain };
}

function mayBeRead(name: string): boolean {
  return READ_BEGINNINGS[name.length]?.has(name.charCodeAt(0) | SMALL_LETTER) === true;
}

function trimBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) {
    if (++start - from > USUAL_BLANKS_MAX) return trimManyBlanks(text.slice(start, end));
  }
  while (end > start && isBlank(text.charCodeAt(end - 1))) {
    if (to - --end > USUAL_BLANKS_MAX) return trimManyBlanks(text.slice(start, end));
  }
  return text.slice(start, end);
}

/** The same for text that may be thousands of blanks. */
function trimManyBlanks(text: string): string {
  // trim() takes these, too, which are no blanks of HTTP; control characters are absent.
  if (!text.includes(NO_BREAK_SPACE)) return text.trim();
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * The elements of a list (RFC 9110 §5.6.1), empty ones among them. Not by trim(), which takes more
 * than HTTP's two blanks; nor by a pattern, which 16 KiB of blanks before a comma held up for 0.6 s.
 */
export function splitList(value: string): string[] {
  return value.split(",").map((element) => trimBlanks(element, 0, element.length));
}

/** Whether `word` is an element of a list; without taking apart what a stranger makes long. */
export function hasListElement(value: string, word: string): boolean {
  for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + word.length)) {
    let before = at - 1;
    while (before >= 0 && isBlank(value.charCodeAt(before))) before--;
    let after = at + word.length;
    while (after < value.length && isBlank(value.charCodeAt(after))) after++;
    const isBeginning = before < 0 || value[before] === ",";
    if (isBeginning && (after === value.length || value[after] === ",")) return true;
  }
  return false;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** What a request line and its fields say together. */
export function combine(line: RequestLine, block: FieldBlock): RequestHead | Refusal {
  const { fields } = block;
  if (block.isPlain && line.method !== "CONNECT") {
    return toRequestHead(line, fields, line.minorVersion === 1);
  }
  if (!block.isHostValid && (line.minorVersion === 1 || fields.has("host"))) {
    return refuse("A request names its host in one valid Host field.");
  }
  const expectation = fields.get("expect");
  if (expectation !== undefined && expectation.toLowerCase() !== "100-continue") {
    return refuse("This server meets no expectation but 100-continue.", 417);
  }
  const refusal = refuseBody(line, fields);
  if (refusal !== undefined) return refusal;
  // A request that says how long its body is may be read otherwise by a proxy in front of us: what
  // follows it on the connection is never taken for a request.
  const statesLength = fields.has("content-length") || fields.has("transfer-encoding");
  // The same for CONNECT: a client in a hurry sends the tunnel's first bytes with it.
  const endsConnection =
    (statesLength && !BODILESS_METHODS.has(line.method)) || line.method === "CONNECT";
  const keepAlive = !endsConnection && wantsKeepAlive(line, fields.get("connection"));
  return toRequestHead(line, fields, keepAlive);
}

function toRequestHead(
  line: RequestLine,
  fields: ReadonlyMap<FieldName, string>,
  keepAlive: boolean,
): RequestHead {
  const { method, minorVersion, rawTarget, target } = line;
  return { method, minorVersion, rawTarget, target, fields, keepAlive };
}

/** Why the framing of the body is refused, if it is: RFC 9112 §6.3, with everything doubtful out. */
function refuseBody(
  line: RequestLine,
  fields: ReadonlyMap<FieldName, string>,
): Refusal | undefined {
  const length = fields.get("content-length");
  const coding = fields.get("transfer-encoding");
  if (coding !== undefined) {
    if (length !== undefined) {
      return refuse("Content-Length and Transfer-Encoding exclude each other.");
    }
    if (line.minorVersion === 0) return refuse("HTTP/1.0 has no Transfer-Encoding.");
    if (coding.toLowerCase() !== "chunked") {
      return refuse("The only transfer coding here is chunked.");
    }
  } else if (length !== undefined && !LENGTH.test(length)) {
    return refuse("Content-Length is one number in decimal digits.");
  }
  const hasBody = coding !== undefined || Number(length ?? 0) > 0;
  if (!hasBody || !BODILESS_METHODS.has(line.method)) return undefined;
  return refuse(`A ${line.method} request has no body.`);
}

/** RFC 9112 §9.3: HTTP/1.1 stays open unless told otherwise, HTTP/1.0 closes unless asked. */
function wantsKeepAlive(line: RequestLine, connection: string | undefined): boolean {
  if (connection === undefined) return line.minorVersion === 1;
  const options = connection.toLowerCase();
  const has = (word: string) => hasListElement(options, word);
  return line.minorVersion === 1 ? !has("close") : has("keep-alive") && !has("close");
}
