// Flags of `weir serve`: the limit, the proxies that name its clients, and what several servers share.
// These are groups of serve-flags.ts.

import { parseAddressBlocks, parseProxyBlocks } from "./addresses.ts";
import { choice, OFF, serveGroup } from "./flag.ts";
import { parseIntegerBetween, parsePositiveInteger, parseRate } from "./quantity.ts";
import { parseBasePath, parseStoreUrl } from "./urls.ts";

/** One address can open no more connections to one server: it has no more ports. */
const CONNECTIONS_MAX = 65_535;

export const limit = serveGroup("The limit", [
  {
    name: "rate",
    env: "RATE",
    kind: "number",
    placeholder: "N/TIME|off",
    words: ["off"],
    fallback: "5/s",
    isCommon: true,
    parse: parseRate,
    help: "requests that one client may make in any window: 5/s, 100/15m, 1000/d",
  },
  {
    name: "exempt",
    kind: "list",
    placeholder: "CIDR,…",
    words: ["local", "private", "unix"],
    absent: [],
    fallbackText: "nobody",
    parse: parseAddressBlocks,
    help: "clients without a limit: local, private, or blocks such as 10.0.0.0/8,::1",
  },
  {
    name: "ipv6-prefix",
    kind: "number",
    placeholder: "N",
    fallback: "64",
    parse: (text) => parseIntegerBetween(text, 1, 128),
    help: "how many bits of an IPv6 address name one client",
  },
  {
    name: "client-connections",
    kind: "number",
    placeholder: "N",
    fallback: "256",
    parse: (text) => parsePositiveInteger(text, CONNECTIONS_MAX),
    help: "how many connections one client may have open; one more gets 503",
  },
]);

export const proxies = serveGroup("Behind a proxy", [
  {
    name: "trust-proxy",
    kind: "list",
    placeholder: "CIDR,…",
    words: ["local", "unix"],
    absent: [],
    fallbackText: "nobody",
    isCommon: true,
    parse: parseProxyBlocks,
    help: "proxies, or local, whose Forwarded and X-Forwarded-For name the client",
  },
  {
    name: "proxy-protocol",
    ...OFF,
    help: "trusted proxies begin each connection with the PROXY protocol",
  },
  {
    name: "base-path",
    kind: "text",
    placeholder: "PATH",
    fallback: "/",
    parse: parseBasePath,
    help: "answer below this path, such as /files, if the proxy does not remove it",
  },
]);

export const fleet = serveGroup("Several servers", [
  {
    name: "store",
    kind: "text",
    placeholder: "URL",
    fallbackText: "none",
    parse: parseStoreUrl,
    help: "share limits and hits with other servers: redis://HOST:PORT/DB, rediss://",
  },
  {
    name: "store-down",
    ...choice(["local", "open", "closed"]),
    fallback: "local",
    help: "while the store is gone: each server's own limit, no limit, or 503",
  },
]);
