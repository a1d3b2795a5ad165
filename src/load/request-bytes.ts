// The bytes of a request, the same for the whole run, and the notation of what it asks for. Pure.

import { isIPv6 } from "node:net";
import type { LoadMethod } from "./response-head.ts";

export interface RequestParts {
  readonly method: LoadMethod;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query as they go over the wire. */
  readonly requestTarget: string;
  /** Over TLS, where port 443 goes without saying. */
  readonly isSecure?: boolean;
}

/**
 * A path as a person types it, made fit for the request line: with a leading slash, without a
 * fragment, and with everything percent-encoded that would break the line. `..`, `%2e` and `//`
 * stay as they are, so that a server's treatment of them can be tried.
 */
export function formatRequestTarget(path: string): string {
  const [beforeFragment = ""] = path.split("#", 1);
  const absolute = beforeFragment.startsWith("/") ? beforeFragment : `/${beforeFragment}`;
  return absolute
    .toWellFormed()
    .replace(/[^\x21-\x7e]/gu, encodeURIComponent)
    .replace(/["<>\\^`{|}]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The Host field and the authority of a URL: brackets around IPv6, no port where it is the scheme's
 * own, 80 or 443.
 */
export function formatAuthority(host: string, port: number, schemePort = 80): string {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  return port === schemePort ? bracketed : `${bracketed}:${port}`;
}

/**
 * The whole request. `headers` are field lines, `Name: value`; one of a name that weir sends itself
 * takes its place.
 */
export function formatRequest(
  parts: RequestParts,
  keepAlive: boolean,
  headers: readonly string[] = [],
): Buffer {
  const own = [
    `Host: ${formatAuthority(parts.host, parts.port, parts.isSecure ? 443 : 80)}`,
    "User-Agent: weir-load",
    "Accept: */*",
    `Connection: ${keepAlive ? "keep-alive" : "close"}`,
  ].filter((line) => !headers.some((header) => nameOf(header) === nameOf(line)));
  const lines = [`${parts.method} ${parts.requestTarget} HTTP/1.1`, ...own, ...headers];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function nameOf(fieldLine: string): string {
  return fieldLine.split(":", 1)[0]!.toLowerCase();
}
