// The field lines of a request head (RFC 9112 §5), and what they say together about the message. Pure and
// strict: an ambiguous head is refused, never repaired.

import { hasListElement, isBlank } from "../http/field-values.ts";
import type { FieldName, Refusal, RequestHead } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";
import { type Http1Protocol, isValidHost, type RequestLine } from "./request-line.ts";

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
/** By the length of a name: the codes of the first letters of the fields of that length that weir reads. */
const READ_BEGINNINGS = groupBeginnings();
/** Turns the code of a capital into that of its letter, and leaves letters as they are. */
const SMALL_LETTER = 0x20;
const COLON = 0x3a;
/** These decide how a message is read: a second one is an attack or a defect. */
const SINGLE_FIELDS: ReadonlySet<string> = new Set(["content-length", "host", "transfer-encoding"]);
/** No leading zeros, which some readers take for octal. 15 digits are exact as a number. */
const LENGTH = /^(?:0|[1-9]\d{0,14})$/;
/** By the code of a character: whether a name may have it (RFC 9110 §5.6.2). */
const IS_TOKEN = tokenTable();
/** Methods whose requests may not have a body here (RFC 9110 §9.3.1: a body of GET has no meaning). */
const BODILESS_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function refuse(explanation: string, status: Refusal["status"] = 400): Refusal {
  return { status, explanation };
}

/** A request's head as HTTP/1.1 has it. */
export interface Http1Head extends RequestHead {
  readonly protocol: Http1Protocol;
  /** Whether the connection may serve another request after this one. */
  readonly keepAlive: boolean;
}

/** The field lines of one head. What they mean for the message depends on the request line as well. */
export interface FieldBlock {
  readonly fields: ReadonlyMap<FieldName, string>;
  readonly isHostValid: boolean;
  /** The host is valid, and no field says anything about the body or the connection. */
  readonly isPlain: boolean;
}

/** Where the field lines of a head are. */
export interface FieldLinesPlace {
  readonly bytes: Buffer;
  readonly start: number;
  /** Where each line ends, before its CRLF; all count from the first byte of the lines. */
  readonly lineEnds: readonly number[];
}

/**
 * Reads field lines from their bytes. Only fields that weir reads become strings, so the rest of a long head
 * costs little. The caller has made sure that there is no control character but tab, and no CR or LF outside
 * a CRLF.
 */
export function parseFieldLines(place: FieldLinesPlace, limits: HttpLimits): FieldBlock | Refusal {
  const { bytes, start, lineEnds } = place;
  const fields = new Map<FieldName, string>();
  let at = start;
  for (let index = 0; index < lineEnds.length; index++) {
    const end = start + (lineEnds[index] as number);
    let colon = at;
    while (IS_TOKEN[bytes[colon] as number] === 1) colon++;
    if (bytes[colon] !== COLON || colon === at) return refuseName(bytes.subarray(at, end));
    if (index === limits.fieldsMax) {
      return refuse(`A request has at most ${limits.fieldsMax} header fields.`, 431);
    }
    // The length and the first letter of most unknown names show that nothing reads them.
    const first = (bytes[at] as number) | SMALL_LETTER;
    if (READ_BEGINNINGS[colon - at]?.includes(first) === true) {
      const refusal = addField(fields, bytes.toString("latin1", at, colon), bytes, colon + 1, end);
      if (refusal !== undefined) return refusal;
    }
    at = end + 2;
  }
  const isHostValid = isValidHost(fields.get("host") ?? "");
  const saysNothing =
    !fields.has("connection") &&
    !fields.has("content-length") &&
    !fields.has("expect") &&
    !fields.has("transfer-encoding");
  return { fields, isHostValid, isPlain: isHostValid && saysNothing };
}

function refuseName(line: Buffer): Refusal {
  return line.includes(COLON)
    ? refuse("A header name is not a token, or a line is folded.")
    : refuse("A header line has no colon, or is folded.");
}

function addField(
  fields: Map<FieldName, string>,
  name: string,
  bytes: Buffer,
  from: number,
  to: number,
): Refusal | undefined {
  const lowerName = name.toLowerCase();
  if (!READ_FIELDS.has(lowerName)) return undefined;
  const known = fields.get(lowerName as FieldName);
  if (known !== undefined && SINGLE_FIELDS.has(lowerName)) {
    return refuse(`The field ${lowerName} is there twice.`);
  }
  let start = from;
  let end = to;
  while (start < end && isBlank(bytes[start] as number)) start++;
  while (end > start && isBlank(bytes[end - 1] as number)) end--;
  const value = bytes.toString("latin1", start, end);
  // RFC 9110 §5.3: several lines with one name are one list.
  fields.set(lowerName as FieldName, known === undefined ? value : `${known}, ${value}`);
  return undefined;
}

function groupBeginnings(): readonly number[][] {
  const groups: number[][] = [];
  for (const name of READ_FIELDS) {
    const group = groups[name.length] ?? [];
    groups[name.length] = group;
    group.push(name.charCodeAt(0));
  }
  return groups;
}

function tokenTable(): Uint8Array {
  const characters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  const table = new Uint8Array(256);
  for (const character of characters + characters.toUpperCase()) table[character.charCodeAt(0)] = 1;
  return table;
}

/** What a request line and its fields say together. */
export function combine(line: RequestLine, block: FieldBlock): Http1Head | Refusal {
  const { method, rawTarget, target, protocol } = line;
  const { fields } = block;
  let keepAlive = protocol === "HTTP/1.1";
  if (!block.isPlain || method === "CONNECT") {
    if (!block.isHostValid && (protocol === "HTTP/1.1" || fields.has("host"))) {
      return refuse("A request names its host in one valid Host field.");
    }
    const expectation = fields.get("expect");
    if (expectation !== undefined && expectation.toLowerCase() !== "100-continue") {
      return refuse("This server meets no expectation but 100-continue.", 417);
    }
    const refusal = refuseBody(line, fields);
    if (refusal !== undefined) return refusal;
    keepAlive = mayKeepAlive(line, fields);
  }
  return { method, rawTarget, target, protocol, fields, keepAlive };
}

/** Why the framing of the body is refused, if it is: RFC 9112 §6.3, without anything doubtful. */
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
    if (line.protocol === "HTTP/1.0") return refuse("HTTP/1.0 has no Transfer-Encoding.");
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

/** RFC 9112 §9.3: HTTP/1.1 stays open unless a side says otherwise, HTTP/1.0 closes unless asked not to. */
function mayKeepAlive(line: RequestLine, fields: ReadonlyMap<FieldName, string>): boolean {
  // A client in a hurry sends the tunnel's first bytes together with CONNECT.
  if (line.method === "CONNECT") return false;
  // A proxy in front of us may have read the length of a body differently. So what follows such a request
  // on the connection is never taken for a request.
  const statesLength = fields.has("content-length") || fields.has("transfer-encoding");
  if (statesLength && !BODILESS_METHODS.has(line.method)) return false;
  const connection = fields.get("connection");
  if (connection === undefined) return line.protocol === "HTTP/1.1";
  const options = connection.toLowerCase();
  if (hasListElement(options, "close")) return false;
  return line.protocol === "HTTP/1.1" || hasListElement(options, "keep-alive");
}
