// Flags of `weir serve`: where it listens and how it works. A part of flag-table.ts.

import { parseListenHosts } from "../config/listen-hosts.ts";
import {
  parseDuration,
  parseIntegerOrOff,
  parsePort,
  parsePositiveInteger,
  parseSwitch,
  parseTimeout,
} from "../config/quantity.ts";
import { THREADS_MAX } from "../shared-memory/memory-layout.ts";
import type { FlagTable } from "./flag.ts";

/** As many as the shared memory has places for; more threads than cores only cost memory. */
const workerCountMax = THREADS_MAX;
const concurrencyMax = 1_000_000;

export const servingFlags = [
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
    name: "next-port",
    env: "WEIR_NEXT_PORT",
    fallback: "off",
    parse: parseSwitch,
    help: "where a port is in use take the next free one, for --admin too",
  },
  {
    name: "host",
    env: "HOST",
    isShared: true,
    placeholder: "H,…",
    fallbackText: "every interface",
    json: "list",
    repeats: true,
    parse: parseListenHosts,
    help: "listen on these addresses, names and sockets (unix:/run/weir.sock) only",
  },
  {
    name: "workers",
    env: "WORKERS",
    placeholder: "N",
    fallbackText: "number of usable cores",
    json: "number",
    parse: (text) => parsePositiveInteger(text, workerCountMax),
    help: "server threads; by default what cores, CPU quota and memory allow",
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
    name: "mount-timeout",
    env: "WEIR_MOUNT_TIMEOUT",
    placeholder: "D",
    fallback: "15s",
    json: "number",
    parse: parseTimeout,
    help: "how long a network disk or FUSE mount may take for one file before it gets 503",
  },
  {
    name: "stall-timeout",
    env: "WEIR_STALL_TIMEOUT",
    placeholder: "D",
    fallback: "5m",
    json: "number",
    parse: parseTimeout,
    help: "a client that takes nothing of its answer for so long is cut off",
  },
  {
    name: "idle-timeout",
    env: "WEIR_IDLE_TIMEOUT",
    placeholder: "D",
    fallback: "5s",
    json: "number",
    parse: parseTimeout,
    help: "a connection is kept open for so long between two requests",
  },
  {
    name: "head-timeout",
    env: "WEIR_HEAD_TIMEOUT",
    placeholder: "D",
    fallback: "10s",
    json: "number",
    parse: parseTimeout,
    help: "a request's head arrives within so long",
  },
] as const satisfies FlagTable;
