// Flags of `weir serve`: what it keeps, writes and shows while it runs. A part of serve-flags.ts.

import { resolve } from "node:path";
import { choice, OFF, serveGroup } from "./flag.ts";
import { parseAddressOrOff, parsePath } from "./quantity.ts";

export type StatePlace =
  | { readonly kind: "memory" }
  | { readonly kind: "folder"; readonly path: string };

export const counting = serveGroup("Counting", [
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

export const watching = serveGroup("Seeing it", [
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

/** An absolute path. */
function parseFile(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}

function parseState(text: string, baseDir: string): StatePlace {
  if (text === "memory") return { kind: "memory" };
  return { kind: "folder", path: resolve(baseDir, parsePath(text)) };
}
