// The server and the path that `weir load` and `weir get` are to ask: readers for what a person typed,
// and how it is written in a URL and in a request. Pure; the readers throw a UsageError that says what is
// allowed, as those of quantity.ts do.

import { isIP, isIPv6 } from "node:net";
import { parsePositiveInteger } from "./quantity.ts";
import { UsageError } from "./usage-error.ts";

export const exampleUrl = "http://localhost:8001/";
const portMax = 65_535;

/**
 * `schemes` are those allowed, such as `http`. What has none is taken as `http://`, as browsers and
 * curl take it; a port alone is one of this machine. The fragment is dropped.
 */
export function parseTargetUrl(text: string, schemes: readonly string[]): URL {
  const whole = addScheme(text);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\/[^/?#\\]/i.exec(whole) ?? [];
  if (scheme === undefined) throw new UsageError(adviseForm(text));
  if (!schemes.includes(scheme.toLowerCase())) {
    throw new UsageError(`give a URL that begins with ${schemes.join(":// or ")}://`);
  }
  checkPort(whole);
  const url = URL.parse(whole);
  if (url === null || url.hostname === "") throw new UsageError(adviseForm(text));
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("leave the user name and password out: none is sent");
  }
  url.hash = "";
  return url;
}

/** A port to connect to: 0 stands for a free one and is no such port. */
export function parseTargetPort(text: string): number {
  return parsePositiveInteger(text, portMax);
}

function addScheme(text: string): string {
  if (text.startsWith("//")) return `http:${text}`;
  if (/^\d+(?:[/?#]|$)/.test(text)) return `http://localhost:${text}`;
  if (/^:\d+(?:[/?#]|$)/.test(text)) return `http://localhost${text}`;
  if (isIP(text) === 6) return `http://[${text}]/`;
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?(?:[/?#]|$)/i.exec(text) ?? [];
  if (host === undefined) return text;
  // A word alone is rather a slip than the name of a machine, and `docs/a.html` a file.
  const isHost = port !== undefined || /^localhost$|[.[]/i.test(host);
  return isHost && !host.startsWith(".") ? `http://${text}` : text;
}

/** URL.parse says only that something is wrong. */
function checkPort(url: string): void {
  const [, port] = /^[^/]*\/\/[^/?#\\]*?:(\d*)(?:[/?#\\]|$)/.exec(url) ?? [];
  if (port === undefined || port === "") return;
  if (Number(port) < 1 || Number(port) > portMax) {
    throw new UsageError(`give a port from 1 to ${portMax}`);
  }
}

function adviseForm(text: string): string {
  // `http:localhost`, `http:/localhost`: one slip of the hand.
  const [, rest] = /^https?:\/?([^/].*)$/i.exec(text) ?? [];
  const meant = rest === undefined ? null : URL.parse(`http://${rest}`);
  return meant === null ? `give a URL such as ${exampleUrl}` : `write it as ${meant.href}`;
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
