// The client behind proxies, as they name it in Forwarded (RFC 7239) and X-Forwarded-For. The hops are read
// from the right. The proxy next to this server wrote the rightmost hop, and a hop that a client wrote itself
// is further left, where it cannot spoil the hops that proxies added. Pure and strict. The cost of a hop is
// bounded, however long the field is.

import { type IpAddress, parseIpAddress } from "../base/ip-address.ts";
import { trimBlanks } from "../http/field-values.ts";

export interface ForwardedClient {
  /** Undefined for the peer of the connection itself. */
  readonly address: IpAddress | undefined;
  /** False for a client behind that address about which no more could be read. */
  readonly isNamed: boolean;
}

/** Chains of proxies have two or three hops. Behind more trusted hops than this a client is not named. */
export const HOPS_MAX = 16;

/**
 * The client is the first hop from the right that is not trusted, or the leftmost hop when all are trusted. A
 * hop that cannot be read ends the reading, as does a chain that is too long. Then the client is the last
 * trusted hop that was read. Otherwise a client would get a new limit with each kind of garbage.
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

/** One hop: the peer of the proxy that wrote it. */
export interface Hop {
  /** Undefined when the hop cannot be read, or hides its address (`unknown`, `_name`). */
  readonly address: IpAddress | undefined;
  /** The end of the text with the hops before it; -1 when there are none. */
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
  // An IPv6 address has brackets only with a port.
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

/** The place after the last comma outside quoted strings; undefined when the element is too long. */
function findElementStart(text: string, end: number): number | undefined {
  const first = Math.max(0, end - ELEMENT_LENGTH_MAX);
  for (let at = end - 1; at >= first; at--) {
    const code = text.charCodeAt(at);
    if (code === COMMA) return at + 1;
    if (code === QUOTE) at = findOpeningQuote(text, at, first);
  }
  return first === 0 ? 0 : undefined;
}

/** The quote before `closing` without a backslash; less than `first` when the string never began. */
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
 * The value of the one `for` in an element (RFC 7239 §4); undefined when there is none, or two, or when the
 * text is no element. Blanks around a semicolon are allowed, because proxies write them.
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

/** The value of a token or a quoted string (RFC 9110 §5.6.4), and where it ends. */
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

/** The end of what a sticky pattern matches at `at`; `at` itself when nothing matches. */
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
