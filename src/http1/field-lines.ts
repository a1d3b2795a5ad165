// The field lines of a request head (RFC 9112 §5) and what they say together about the message.
// Pure and strict: what is ambiguous is refused, never repaired.

import { hasListElement, isBlank } from "../http/field-values.ts";
import type { FieldName, Refusal, RequestHead } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";
import { isValidHost, type RequestLine } from "./request-line.ts";

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
const READ_BEGINNINGS = groupBeginnings();
/** Turns the code of a capital into that of its letter, and leaves letters as they are. */
const SMALL_LETTER = 0x20;
const COLON = 0x3a;
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
/** By its code: whether a character may stand in a name (RFC 9110 §5.6.2). */
const IS_TOKEN = tokenTable();
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

/** Where the field lines of a head stand. */
export interface FieldLinesPlace {
  readonly bytes: Buffer;
  readonly start: number;
  /** Where each line ends, before its CRLF; all count from the first byte of the lines. */
  readonly lineEnds: readonly number[];
}

/**
 * Reads field lines from their bytes: only what somebody reads becomes a string, so that the rest of a
 * long head costs little. Control characters other than tab are known to be absent, and so is any CR or
 * LF that is not part of a CRLF.
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
    if (mayBeRead(bytes[at] as number, colon - at)) {
      const refusal = addField(fields, bytes.toString("latin1", at, colon), bytes, colon + 1, end);
      if (refusal !== undefined) return refusal;
    }
    at = end + 2;
  }
  const isHostValid = isValidHost(fields.get("host") ?? "");
  const isPlain = isHostValid && !SPEAKING_FIELDS.some((name) => fields.has(name));
  return { fields, isHostValid, isPlain };
}

function refuseName(line: Buffer): Refusal {
  return line.includes(COLON)
    ? refuse("A header name is not a token, or a line is folded.")
    : refuse("A header line has no colon, or is folded.");
}

/** Most names of a stranger are told by their length and first letter not to be read. */
function mayBeRead(first: number, length: number): boolean {
  return READ_BEGINNINGS[length]?.includes(first | SMALL_LETTER) === true;
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
    return refuse(`The field ${lowerName} stands twice.`);
  }
  let start = from;
  let end = to;
  while (start < end && isBlank(bytes[start] as number)) start++;
  while (end > start && isBlank(bytes[end - 1] as number)) end--;
  const value = bytes.toString("latin1", start, end);
  // RFC 9110 §5.3: several lines of one name are one list.
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
