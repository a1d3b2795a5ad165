// Flags of `weir serve`: what it keeps, writes and shows while it runs. A part of flag-table.ts.

import { resolve } from "node:path";
import {
  parseAddressOrOff,
  parseDuration,
  parseOneOf,
  parsePath,
  parseSwitch,
} from "../config/quantity.ts";
import type { LogFormat } from "../config/serve-config.ts";
import type { FlagTable } from "./flag.ts";

const logFormats = ["pretty", "common", "combined", "json", "off"] as const satisfies LogFormat[];

export type StatePlace =
  | { readonly kind: "memory" }
  | { readonly kind: "folder"; readonly path: string };

export const runningFlags = [
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
    help: "append the access log to this file instead; SIGHUP and SIGUSR1 open it again",
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

/** An absolute path. */
function parseFile(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}

function parseState(text: string, baseDir: string): StatePlace {
  if (text === "memory") return { kind: "memory" };
  return { kind: "folder", path: resolve(baseDir, parsePath(text)) };
}
