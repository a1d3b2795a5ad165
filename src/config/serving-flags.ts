// Flags of `weir serve`: where it listens, how it works and how long it waits. A part of serve-flags.ts.

import { DURATION, OFF, serveGroup, TIMEOUT } from "./flag.ts";
import { parseListenHosts } from "./listen-hosts.ts";
import { parseIntegerOrOff, parsePath, parsePort, parsePositiveInteger } from "./quantity.ts";

/** As many as the shared memory has places for; more threads than cores only cost memory. */
export const WORKERS_MAX = 256;
const CONCURRENCY_MAX = 1_000_000;

export const serving = serveGroup("Serving", [
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
