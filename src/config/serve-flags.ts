// Every flag of `weir serve`. To add one, add its row to a group: here, in limit-flags.ts (the limit,
// proxies, several servers) or in site-flags.ts (publishing a site). Its value is then in ServeConfig,
// typed, and people can type it, set it in the environment (WEIR_NAME) and write it into the config file.

import { resolve } from "node:path";
import { parseListenHosts } from "./addresses.ts";
import { choice, DURATION, OFF, serveGroup, TIMEOUT } from "./flag.ts";
import { fleet, limit, proxies } from "./limit-flags.ts";
import {
  parseAddressOrOff,
  parseIntegerOrOff,
  parsePath,
  parsePort,
  parsePositiveInteger,
} from "./quantity.ts";
import { site } from "./site-flags.ts";

/** The shared memory has places for so many; more threads than cores only cost memory. */
export const WORKERS_MAX = 256;
const CONCURRENCY_MAX = 1_000_000;

const serving = serveGroup("Serving", [
  {
    name: "port",
    short: "p",
    env: "PORT",
    kind: "number",
    placeholder: "N",
    fallback: "8001",
    isCommon: true,
    parse: parsePort,
    help: "listen on this port; 0 takes a free one",
  },
  {
    name: "next-port",
    ...OFF,
    help: "if the port is in use, take the next free one; the same for --admin",
  },
  {
    name: "host",
    env: "HOST",
    isShared: true,
    kind: "list",
    placeholder: "H,…",
    absent: [],
    fallbackText: "every interface",
    repeats: true,
    isCommon: true,
    parse: parseListenHosts,
    help: "listen only on these addresses, names and sockets (unix:/run/weir.sock)",
  },
  {
    name: "workers",
    env: "WORKERS",
    kind: "number",
    placeholder: "N",
    fallbackText: "number of usable cores",
    parse: (text) => parsePositiveInteger(text, WORKERS_MAX),
    help: "server threads; by default as many as cores, CPU quota and memory allow",
  },
  {
    name: "concurrency",
    env: "CONCURRENCY",
    kind: "number",
    placeholder: "N|off",
    words: ["off"],
    fallback: "off",
    parse: (text) => parseIntegerOrOff(text, CONCURRENCY_MAX),
    help: "requests in progress at once, over all threads; the rest wait in order",
  },
  {
    name: "delay",
    env: "DELAY",
    ...DURATION,
    fallback: "0",
    help: "simulate work before each answer, such as 500ms",
  },
  {
    name: "idle-timeout",
    ...TIMEOUT,
    fallback: "5s",
    help: "how long a connection stays open between two requests",
  },
  {
    name: "head-timeout",
    ...TIMEOUT,
    fallback: "10s",
    help: "how long a client may take to send the head of a request",
  },
  {
    name: "stall-timeout",
    ...TIMEOUT,
    fallback: "5m",
    help: "cut off a client that takes nothing of its answer for this long",
  },
  {
    name: "mount-timeout",
    ...TIMEOUT,
    fallback: "15s",
    help: "how long a network disk or FUSE mount may take for one file; then 503",
  },
  {
    name: "drain",
    ...DURATION,
    fallback: "10s",
    help: "how long a stop waits for answers in progress",
  },
  {
    name: "config",
    kind: "file",
    placeholder: "FILE",
    fallbackText: "weir.config.json if present",
    parse: parsePath,
    help: "the same names in JSON; flags win over the environment, which wins over the file",
  },
]);

export type StatePlace =
  | { readonly kind: "memory" }
  | { readonly kind: "folder"; readonly path: string };

const counting = serveGroup("Counting", [
  {
    name: "state",
    kind: "folder",
    placeholder: "DIR|memory",
    words: ["memory"],
    fallbackText: "$XDG_STATE_HOME/weir",
    parse: parseState,
    help: "where hits are kept",
  },
]);

const watching = serveGroup("Seeing it", [
  {
    name: "log",
    ...choice(["pretty", "common", "combined", "json", "off"]),
    fallbackText: "pretty on a terminal, else combined",
    isCommon: true,
    help: "form of the access log, on stdout",
  },
  {
    name: "log-file",
    kind: "file",
    placeholder: "FILE",
    fallbackText: "stdout",
    parse: parseFile,
    help: "append the access log to this file instead; SIGHUP and SIGUSR1 reopen it",
  },
  {
    name: "admin",
    kind: "text",
    placeholder: "HOST:PORT|off",
    words: ["off"],
    fallback: "off",
    isCommon: true,
    parse: parseAddressOrOff,
    help: "health, metrics and dashboard, on a listener of their own",
  },
  {
    name: "admin-token-file",
    kind: "file",
    placeholder: "FILE",
    fallbackText: "none",
    parse: parseFile,
    help: "the admin interface asks for the token in this file",
  },
  {
    name: "qr",
    ...OFF,
    help: "show the address as a QR code when weir starts on a terminal",
  },
]);

/** In the order of help. */
export const serveGroups = [serving, limit, counting, site, proxies, fleet, watching] as const;

export const serveFlags = [
  ...serving.flags,
  ...limit.flags,
  ...counting.flags,
  ...site.flags,
  ...proxies.flags,
  ...fleet.flags,
  ...watching.flags,
] as const;

/** An absolute path. */
function parseFile(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}

function parseState(text: string, baseDir: string): StatePlace {
  if (text === "memory") return { kind: "memory" };
  return { kind: "folder", path: resolve(baseDir, parsePath(text)) };
}
