// Every flag of every command, once, as data. Parsing, precedence, help and the table in the README
// all come from here: a flag is added by adding its row, and its value appears, typed, in `values`.

import { resolve } from "node:path";
import { parseAddressBlocks } from "../config/address-block.ts";
import {
  parseAddressOrOff,
  parseDuration,
  parseExtensions,
  parseHost,
  parseIntegerBetween,
  parseIntegerOrOff,
  parseOneOf,
  parsePath,
  parsePort,
  parsePositiveInteger,
  parseRate,
  parseSwitch,
} from "../config/quantity.ts";
import { parseRedirects } from "../config/redirect-rule.ts";
import type { LogFormat, StoreDownPolicy, SymlinkPolicy } from "../config/serve-config.ts";
import { parseCacheRules, parseHeaderRules } from "../config/site-rules.ts";
import { parseStoreUrl } from "../config/store-url.ts";
import { THREADS_MAX } from "../shared-memory/memory-layout.ts";
import type { FlagTable } from "./flag.ts";

export { hitsFlags } from "./hits-flags.ts";
export { loadFlags } from "./load-flags.ts";

/** As many as the shared memory has places for; more threads than cores only cost memory. */
const workerCountMax = THREADS_MAX;
const concurrencyMax = 1_000_000;
/** One address has no more ports than this towards one server. */
const connectionCountMax = 65_535;

const symlinkPolicies = ["inside", "follow", "deny"] as const satisfies SymlinkPolicy[];
const storeDownPolicies = ["local", "open", "closed"] as const satisfies StoreDownPolicy[];
const logFormats = ["pretty", "common", "combined", "json", "off"] as const satisfies LogFormat[];

export type StatePlace =
  | { readonly kind: "memory" }
  | { readonly kind: "folder"; readonly path: string };

export const serveFlags = [
  {
    name: "port",
    short: "p",
    env: "PORT",
    placeholder: "N",
    fallback: "8001",
    json: "number",
    parse: parsePort,
    help: "listen on this port; 0 takes a free one",
  },
  {
    name: "host",
    env: "HOST",
    placeholder: "H",
    fallbackText: "every interface",
    parse: parseHost,
    help: "listen on this address or host name only",
  },
  {
    name: "workers",
    env: "WORKERS",
    placeholder: "N",
    fallbackText: "number of cores",
    json: "number",
    parse: (text) => parsePositiveInteger(text, workerCountMax),
    help: "server threads",
  },
  {
    name: "concurrency",
    env: "CONCURRENCY",
    placeholder: "N|off",
    fallback: "off",
    json: "number",
    parse: (text) => parseIntegerOrOff(text, concurrencyMax),
    help: "requests in progress at once, over all threads; the rest wait in order",
  },
  {
    name: "delay",
    env: "DELAY",
    placeholder: "D",
    fallback: "0",
    json: "number",
    parse: parseDuration,
    help: "simulated work before each answer, such as 500ms",
  },
  {
    name: "rate",
    env: "RATE",
    placeholder: "N/s|N/m|N/h|off",
    fallback: "5/s",
    json: "number",
    parse: parseRate,
    help: "admitted requests of one client in any second, minute or hour",
  },
  {
    name: "exempt",
    placeholder: "CIDR,…",
    fallbackText: "nobody",
    json: "list",
    parse: parseAddressBlocks,
    help: "clients that the limit does not hold, such as 10.0.0.0/8,::1",
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
    parse: parseAddressBlocks,
    help: "proxies whose Forwarded and X-Forwarded-For name the client",
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
  {
    name: "index",
    fallback: "on",
    parse: parseSwitch,
    help: "answer a folder with its index.html where there is one",
  },
  {
    name: "listing",
    fallback: "on",
    parse: parseSwitch,
    help: "answer any other folder with a listing; off: 404",
  },
  {
    name: "readme",
    fallback: "off",
    parse: parseSwitch,
    help: "show a folder's README below its listing",
  },
  {
    name: "zip",
    fallback: "off",
    parse: parseSwitch,
    help: "offer each folder as a zip, at ?download=zip",
  },
  {
    name: "compress",
    fallback: "on",
    parse: parseSwitch,
    help: "compress texts for clients that take it; .br, .zst, .gz siblings first",
  },
  {
    name: "spa",
    fallback: "off",
    parse: parseSwitch,
    help: "answer browsers with the root's index.html where there is no such page",
  },
  {
    name: "clean-urls",
    fallback: "off",
    parse: parseSwitch,
    help: "pages without their .html: /about for about.html, and /about.html goes there",
  },
  {
    name: "cors",
    fallback: "off",
    parse: parseSwitch,
    help: "let pages of every other site read the answers",
  },
  {
    name: "cache-control",
    placeholder: "RULES",
    fallbackText: "no-cache for every file",
    json: "rules",
    parse: parseCacheRules,
    help: "PATTERN=VALUE, with semicolons between several; the first match counts",
  },
  {
    name: "headers",
    placeholder: "JSON",
    fallbackText: "none",
    json: "rules",
    parse: parseHeaderRules,
    help: 'fields for files and listings: [{"path": PATTERN, "set": {NAME: VALUE}}]',
  },
  {
    name: "redirects",
    placeholder: "JSON",
    fallbackText: "none",
    json: "rules",
    parse: parseRedirects,
    help: 'redirects: [{"from": PATH, "to": PATH or URL, "status": 301}]',
  },
  {
    name: "types",
    placeholder: "LIST",
    fallback: "all",
    json: "list",
    parse: parseExtensions,
    help: "serve only these extensions, such as html,png,pdf; others get 404",
  },
  {
    name: "hidden",
    fallback: "off",
    parse: parseSwitch,
    help: "serve and list names that begin with a dot",
  },
  {
    name: "symlinks",
    placeholder: symlinkPolicies.join("|"),
    fallback: "inside",
    parse: (text) => parseOneOf(text, symlinkPolicies),
    help: "links may lead within the served folder, anywhere, or nowhere",
  },
  {
    name: "state",
    env: "WEIR_STATE",
    placeholder: "DIR|memory",
    fallbackText: "$XDG_STATE_HOME/weir",
    parse: parseState,
    help: "where hits are kept",
  },
  {
    name: "log",
    placeholder: logFormats.join("|"),
    fallbackText: "pretty on a terminal, else combined",
    parse: (text) => parseOneOf(text, logFormats),
    help: "access log, on stdout",
  },
  {
    name: "log-file",
    placeholder: "FILE",
    fallbackText: "stdout",
    parse: parseFile,
    help: "append the access log to this file instead; SIGHUP opens it anew",
  },
  {
    name: "admin",
    env: "WEIR_ADMIN",
    placeholder: "HOST:PORT|off",
    fallback: "off",
    parse: parseAddressOrOff,
    help: "health, metrics and dashboard, on a listener of their own",
  },
  {
    name: "admin-token-file",
    env: "WEIR_ADMIN_TOKEN_FILE",
    placeholder: "FILE",
    fallbackText: "none",
    parse: parseFile,
    help: "the admin interface asks for the token in this file",
  },
  {
    name: "qr",
    fallback: "off",
    parse: parseSwitch,
    help: "show the address as a QR code when starting on a terminal",
  },
  {
    name: "drain",
    placeholder: "D",
    fallback: "10s",
    json: "number",
    parse: parseDuration,
    help: "how long a stop waits for answers in progress",
  },
  {
    name: "config",
    placeholder: "FILE",
    fallbackText: "weir.config.json if present",
    parse: parsePath,
    help: "the same names in JSON; flags win over environment over file",
  },
] as const satisfies FlagTable;

export const getFlags = [
  {
    name: "head",
    fallback: "off",
    parse: parseSwitch,
    help: "ask for the head only and print nothing: the exit status tells",
  },
  {
    name: "timeout",
    placeholder: "D",
    fallback: "30s",
    parse: parseDuration,
    help: "give up when the answer takes longer",
  },
] as const satisfies FlagTable;

export const compareFlags = [
  {
    name: "json",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the comparison as JSON into a file, or to stdout",
  },
] as const satisfies FlagTable;

export const labFlags = [
  {
    name: "json",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the results as JSON into a file, or to stdout",
  },
  {
    name: "report",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the results as one HTML page with plots",
  },
] as const satisfies FlagTable;

/** An absolute path. */
function parseFile(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}

function parseState(text: string, baseDir: string): StatePlace {
  if (text === "memory") return { kind: "memory" };
  return { kind: "folder", path: resolve(baseDir, parsePath(text)) };
}
