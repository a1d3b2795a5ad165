// The Host field and the authority of an absolute target: uri-host [ ":" port ] (RFC 9110 §7.2,
// RFC 3986 §3.2.2). An empty host names no server and is refused, as is user information.

import { isIPv6 } from "node:net";

// The comma is left out: two Host fields joined by someone on the way look like one with a comma.
const REG_NAME = /^(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+$/;
const PORT = /^\d{0,5}$/;
/** A name of the DNS has 253 characters (RFC 1035 §2.3.4), and a dot, a colon and five digits may follow. */
const HOST_CHARS_MAX = 260;

export function isValidHost(value: string): boolean {
  if (value.length > HOST_CHARS_MAX) return false;
  const portMark = value.startsWith("[") ? value.indexOf("]") + 1 : value.indexOf(":");
  const host = portMark < 0 ? value : value.slice(0, portMark);
  const rest = portMark < 0 ? "" : value.slice(portMark);
  if (rest !== "" && !rest.startsWith(":")) return false;
  const port = rest.slice(1);
  if (!PORT.test(port) || Number(port) > 65535) return false;
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1)) && !host.includes("%");
  return REG_NAME.test(host);
}
