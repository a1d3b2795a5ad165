// Flags of `weir serve`: the limit, whom it holds, and what several servers share. A part of
// flag-table.ts.

import { parseAddressBlocks, parseProxyBlocks } from "../config/address-block.ts";
import {
  parseIntegerBetween,
  parseOneOf,
  parsePositiveInteger,
  parseSwitch,
} from "../config/quantity.ts";
import { parseRate } from "../config/rate.ts";
import type { StoreDownPolicy } from "../config/serve-config.ts";
import { parseStoreUrl } from "../config/store-url.ts";
import type { FlagTable } from "./flag.ts";

/** One address has no more ports than this towards one server. */
const connectionCountMax = 65_535;
const storeDownPolicies = ["local", "open", "closed"] as const satisfies StoreDownPolicy[];

export const limitFlags = [
  {
    name: "rate",
    env: "RATE",
    placeholder: "N/TIME|off",
    fallback: "5/s",
    json: "number",
    parse: parseRate,
    help: "admitted requests of one client in any window: 5/s, 100/15m, 1000/d",
  },
  {
    name: "exempt",
    placeholder: "CIDR,…",
    fallbackText: "nobody",
    json: "list",
    parse: parseAddressBlocks,
    help: "clients that the limit does not hold: local, private, or such as 10.0.0.0/8,::1",
  },
  {
    name: "ipv6-prefix",
    placeholder: "N",
    fallback: "64",
    json: "number",
    parse: (text) => parseIntegerBetween(text, 1, 128),
    help: "bits of an IPv6 address that name one client",
  },
  {
    name: "trust-proxy",
    env: "WEIR_TRUST_PROXY",
    placeholder: "CIDR,…",
    fallbackText: "nobody",
    json: "list",
    parse: parseProxyBlocks,
    help: "proxies, or local, whose Forwarded and X-Forwarded-For name the client",
  },
  {
    name: "proxy-protocol",
    fallback: "off",
    parse: parseSwitch,
    help: "trusted proxies begin each connection with the PROXY protocol",
  },
  {
    name: "store",
    env: "WEIR_STORE",
    placeholder: "URL",
    fallbackText: "none",
    parse: parseStoreUrl,
    help: "share limits and hits with other servers: redis://HOST:PORT/DB, rediss://",
  },
  {
    name: "store-down",
    placeholder: storeDownPolicies.join("|"),
    fallback: "local",
    parse: (text) => parseOneOf(text, storeDownPolicies),
    help: "while the store is gone: each server's own limit, no limit, or 503",
  },
  {
    name: "client-connections",
    placeholder: "N",
    fallback: "256",
    json: "number",
    parse: (text) => parsePositiveInteger(text, connectionCountMax),
    help: "open connections of one client; one more gets 503",
  },
] as const satisfies FlagTable;
