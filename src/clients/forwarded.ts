// The client that proxies name in Forwarded (RFC 7239) and X-Forwarded-For, and whether it is believed.
// The hops are read from the right: the proxy next to us wrote the hop on the right, and whatever a
// client wrote itself is further left, where it cannot spoil the reading of what was added behind it.
// Pure and strict; a hop costs a bounded look, however long the field is.

import { type IpAddress, parseIpAddress } from "../base/ip-address.ts";
import { trimBlanks } from "../http/field-values.ts";

export interface ForwardedClient {
  /** undefined: the connection's own peer. */
  readonly address: IpAddress | undefined;
  /** False when it is somebody behind that address, of whom no more could be read. */
  readonly isNamed: boolean;
}

/** Chains of proxies have two or three; behind more trusted ones a client is not named. */
export const HOPS_MAX = 16;

/**
 * Where all hops are trusted, the client is the leftmost. A hop that cannot be read ends the reading,
 * as does a chain without an end, and the client is the last trusted one before it: else whoever sends garbage had a limit of its own
 * for each kind of garbage.
 */
export function findForwardedClient(
  text: string,
  readHop: HopReader,
  isTrusted: (address: IpAddress) => boolean,
): ForwardedClient {
  let address: IpAddress | undefined;
  let hopCount = 0;
  for (let end = text.length; end >= 0; ) {
    const hop = hopCount++ < HOPS_MAX ? readHop(text, end) : undefined;
    if (hop?.address === undefined) return { address, isNamed: false };
    address = hop.address;
    if (!isTrusted(address)) break;
    end = hop.end;
  }
  return { address, isNamed: true };
}

/** One hop: the peer of the proxy that noted it. */
export interface Hop {
  /** undefined when it cannot be read, or hides its address (`unknown`, `_name`). */
  readonly address: IpAddress | undefined;
  /** Where the text of the hops before it ends; -1 when there are none. */
  readonly end: number;
}

/** Reads the last hop of `text` before `end`. */
export type HopReader = (text: string, end: number) => Hop;

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** An address in brackets, a port, and room to spare. */
const NODE_LENGTH_MAX = 100;
/** `for`, `by`, `host` and `proto`, with a host of 255 characters. A longer element cannot be read. */
const ELEMENT_LENGTH_MAX = 1024;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const BLANKS = /[ \t]*/y;
const PORT = /^\d{1,5}$/;
/** RFC 7239 §6.3. */
const OBFUSCATED_PORT = /^_[A-Za-z0-9._-]+$/;

/** The last element of an X-Forwarded-For: an address, with or without a port. */
export function readXForwardedForHop(text: string, end: number): Hop {
  const comma = end === 0 ? -1 : text.lastIndexOf(",", end - 1);
  if (end - comma > ELEMENT_LENGTH_MAX) return { address: undefined, end: comma };
  const node = trimBlanks(text, comma + 1, end);
  // IPv6 stands there without brackets, unless it has a port.
  const bare = node.length > NODE_LENGTH_MAX ? undefined : parseIpAddress(node);
  return { address: bare ?? parseNode(node), end: comma };
}

/** The last element of a Forwarded: `for=192.0.2.60;proto=http;by=203.0.113.43`. */
export function readForwardedHop(text: string, end: number): Hop {
  const start = findElementStart(text, end);
  if (start === undefined) return { address: undefined, end: -1 };
  const node = parseElement(trimBlanks(text, start, end));
  return { address: node === undefined ? undefined : parseNode(node), end: start - 1 };
}

/** Behind the last comma that is in no quoted string; undefined when the element is too long. */
function findElementStart(text: string, end: number): number | undefined {
  const first = Math.max(0, end - ELEMENT_LENGTH_MAX);
  for (let at = end - 1; at >= first; at--) {
    const code = text.charCodeAt(at);
    if (code === COMMA) return at + 1;
    if (code === QUOTE) at = findOpeningQuote(text, at, first);
  }
  return first === 0 ? 0 : undefined;
}

/** Within a quoted string every quote has a backslash before it; less when the string never began. */
function findOpeningQuote(text: string, closing: number, first: number): number {
  let at = closing - 1;
  while (at >= first && !(text.charCodeAt(at) === QUOTE && !isEscaped(text, at))) at--;
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (start > 0 && text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (at - start) % 2 === 1;
}

/**
 * The value of the element's one `for` (RFC 7239 §4); undefined when there is none, or two, or anything
 * that is not an element. Blanks beside a semicolon are let pass: proxies write them.
 */
function parseElement(element: string): string | undefined {
  let node: string | undefined;
  for (let at = 0; at < element.length; ) {
    at = skip(BLANKS, element, at);
    const nameEnd = skip(TOKEN, element, at);
    if (nameEnd > at) {
      if (element[nameEnd] !== "=") return undefined;
      const value = readValue(element, nameEnd + 1);
      if (value === undefined) return undefined;
      if (element.slice(at, nameEnd).toLowerCase() === "for") {
        if (node !== undefined) return undefined;
        node = value.text;
      }
      at = skip(BLANKS, element, value.end);
    }
    if (at < element.length && element[at] !== ";") return undefined;
    at++;
  }
  return node;
}

/** A token or a quoted string (RFC 9110 §5.6.4), without its quotes. */
function readValue(text: string, start: number): { text: string; end: number } | undefined {
  if (text.charCodeAt(start) !== QUOTE) {
    const end = skip(TOKEN, text, start);
    return end === start ? undefined : { text: text.slice(start, end), end };
  }
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return { text: value, end: at + 1 };
    if (code === BACKSLASH && ++at === text.length) return undefined;
    value += text[at];
  }
  return undefined;
}

/** Behind what a sticky pattern takes from `at` on; `at` when that is nothing. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** RFC 7239 §6: `192.0.2.43`, `192.0.2.43:47011`, `[2001:db8::17]`, `[2001:db8::17]:4711`. */
function parseNode(node: string): IpAddress | undefined {
  if (node.length > NODE_LENGTH_MAX) return undefined;
  const isBracketed = node.startsWith("[");
  const nameEnd = isBracketed ? node.indexOf("]") + 1 : node.indexOf(":");
  const name = nameEnd < 0 ? node : node.slice(0, nameEnd);
  const rest = nameEnd < 0 ? "" : node.slice(nameEnd);
  if (rest !== "" && !(rest.startsWith(":") && isPort(rest.slice(1)))) return undefined;
  if (!isBracketed) return parseIpAddress(name);
  const inner = name.slice(1, -1);
  return inner.includes(":") ? parseIpAddress(inner) : undefined;
}

function isPort(text: string): boolean {
  return (PORT.test(text) && Number(text) <= 65_535) || OBFUSCATED_PORT.test(text);
}
