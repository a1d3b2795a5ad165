// Readers of URLs in flags and positionals: the path below which a server answers, the place of the store,
// and the server that a client asks. Pure; they throw UsageError with what is allowed.

import { isIP, isIPv6 } from "node:net";
import { parseHost, parsePositiveInteger } from "./quantity.ts";
import { parseValue, quote, UsageError } from "./usage-error.ts";

const LENGTH_MAX = 256;
/** The names in a URL's path (RFC 3986 §3.3), none of them empty, "." or "..". */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+$/;

/** `/files` for `/files` and `/files/`; "" for `/`, the path of a server without the flag. */
export function parseBasePath(text: string): string {
  const path = text.replace(/\/$/, "");
  if (path === "" && text === "/") return "";
  if (path.length <= LENGTH_MAX && BASE_PATH.test(path)) return path;
  const isEncodable = text.startsWith("/") && encodeURI(text) !== text;
  const hint = isEncodable ? `, encoded as in a URL: ${quote(encodeURI(text))}` : "";
  throw new UsageError(`give a path such as /files${hint}`);
}

export interface StoreUrl {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Before every key. */
  readonly prefix: string;
  /** For people: without the password. */
  readonly shown: string;
}

const PORT = 6379;
const DATABASE_MAX = 1_000_000;
const PREFIX = "weir:";
const PREFIX_LENGTH_MAX = 100;
const ALLOWED =
  "give redis://HOST:PORT/DATABASE, or rediss:// for TLS, with USER:PASSWORD@ before the host and ?prefix=NAME: behind it where needed";

/** Throws UsageError, whose text never holds the password. */
export function parseStoreUrl(text: string): StoreUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(ALLOWED);
  }
  const isEncrypted = url.protocol === "rediss:";
  const database = /^\/?(\d{0,7})$/.exec(url.pathname)?.[1];
  const prefix = url.searchParams.get("prefix") ?? PREFIX;
  const names = [...url.searchParams.keys()];
  const user = decode(url.username);
  const password = decode(url.password);
  const isRight =
    (isEncrypted || url.protocol === "redis:") &&
    // No host name has a percent sign: the URL parser has put them in place of other characters.
    /^[^%]+$/.test(url.hostname) &&
    url.port !== "0" &&
    url.hash === "" &&
    database !== undefined &&
    Number(database) <= DATABASE_MAX &&
    names.every((name) => name === "prefix") &&
    names.length <= 1 &&
    user !== undefined &&
    password !== undefined &&
    // A name alone is nearly always a password without its colon.
    (user === "" || password !== "") &&
    /^[\x21-\x7e]*$/.test(prefix) &&
    prefix.length <= PREFIX_LENGTH_MAX;
  if (!isRight) throw new UsageError(ALLOWED);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? PORT : Number(url.port);
  const shown = `${url.protocol}//${url.hostname}:${port}/${Number(database)}`;
  return Object.freeze({
    host,
    port,
    isEncrypted,
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    database: Number(database),
    prefix,
    shown,
  });
}

/** undefined: a percent sign that begins no escape of UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export const EXAMPLE_URL = "http://localhost:8001/";
const PORT_MAX = 65_535;
const SCHEME_PORTS = { http: 80, https: 443 } as const;

export type Scheme = keyof typeof SCHEME_PORTS;

export interface Target {
  readonly scheme: Scheme;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query as they go over the wire. */
  readonly requestTarget: string;
}

/**
 * A URL as a person types it. Without a scheme it is taken as `http://`, as browsers and curl do; a port
 * alone is one of this machine. The fragment is dropped.
 */
export function parseTarget(text: string): Target {
  const whole = addScheme(text);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\/[^/?#\\]/i.exec(whole) ?? [];
  if (scheme === undefined) throw new UsageError(adviseForm(text));
  if (!Object.hasOwn(SCHEME_PORTS, scheme.toLowerCase())) {
    throw new UsageError("give a URL that begins with http:// or https://");
  }
  checkPort(whole);
  const url = URL.parse(whole);
  if (url === null || url.hostname === "") throw new UsageError(adviseForm(text));
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("leave the user name and password out: weir sends none");
  }
  return targetOf(url);
}

/** The target of a URL whose scheme is http or https. */
export function targetOf(url: URL): Target {
  const scheme = url.protocol === "https:" ? "https" : "http";
  return {
    scheme,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? SCHEME_PORTS[scheme] : Number(url.port),
    requestTarget: url.pathname + url.search,
  };
}

/** HOST PORT alone, a URL in two words; undefined for anything else. */
export function readHostAndPort(words: readonly string[]): Target | undefined {
  const [host = "", port = "", surplus] = words;
  if (surplus !== undefined || !/^\d+$/.test(port) || !/^[^/:]+$/.test(host)) return undefined;
  return {
    scheme: "http",
    host: parseValue("HOST", host, parseHost),
    port: parseValue("PORT", port, parseTargetPort),
    requestTarget: "/",
  };
}

/** A port to connect to. 0 stands for a free port, which only a listener can ask for. */
export function parseTargetPort(text: string): number {
  return parsePositiveInteger(text, PORT_MAX);
}

export function formatTarget({ scheme, host, port, requestTarget }: Target): string {
  return `${scheme}://${formatAuthority({ scheme, host, port })}${requestTarget}`;
}

/** The Host field, and the authority of a URL: brackets around IPv6, no port where it is the scheme's own. */
export function formatAuthority({ scheme, host, port }: Omit<Target, "requestTarget">): string {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  return port === SCHEME_PORTS[scheme] ? bracketed : `${bracketed}:${port}`;
}

/**
 * A path as a person types it, made fit for the request line: with a leading slash, without a
 * fragment, and with everything percent-encoded that would break the line. `..`, `%2e` and `//`
 * stay as they are, so that people can try how a server treats them.
 */
export function formatRequestTarget(path: string): string {
  const [beforeFragment = ""] = path.split("#", 1);
  const absolute = beforeFragment.startsWith("/") ? beforeFragment : `/${beforeFragment}`;
  return absolute
    .toWellFormed()
    .replace(/[^\x21-\x7e]/gu, encodeURIComponent)
    .replace(/["<>\\^`{|}]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function addScheme(text: string): string {
  if (text.startsWith("//")) return `http:${text}`;
  if (/^\d+(?:[/?#]|$)/.test(text)) return `http://localhost:${text}`;
  if (/^:\d+(?:[/?#]|$)/.test(text)) return `http://localhost${text}`;
  if (isIP(text) === 6) return `http://[${text}]/`;
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?(?:[/?#]|$)/i.exec(text) ?? [];
  if (host === undefined) return text;
  // A single word is more likely a mistake than the name of a machine, and `docs/a.html` is a file.
  const isHost = port !== undefined || /^localhost$|[.[]/i.test(host);
  return isHost && !host.startsWith(".") ? `http://${text}` : text;
}

/** URL.parse only says that something is wrong, not what. */
function checkPort(url: string): void {
  const [, port] = /^[^/]*\/\/[^/?#\\]*?:(\d*)(?:[/?#\\]|$)/.exec(url) ?? [];
  if (port === undefined || port === "") return;
  if (Number(port) < 1 || Number(port) > PORT_MAX) {
    throw new UsageError(`give a port from 1 to ${PORT_MAX}`);
  }
}

function adviseForm(text: string): string {
  // `http:localhost` and `http:/localhost` are typing slips.
  const [, rest] = /^https?:\/?([^/].*)$/i.exec(text) ?? [];
  const meant = rest === undefined ? null : URL.parse(`http://${rest}`);
  return meant === null ? `give a URL such as ${EXAMPLE_URL}` : `write it as ${meant.href}`;
}
