// The flags of the small commands: those that ask servers or read results (`weir get`, `weir compare`,
// `weir lab`), and `weir hits`. As data, with the same columns as all flags.

import { resolve } from "node:path";
import { choice, type FlagTable, OFF } from "../config/flag.ts";
import { parseIntegerBetween, parsePath, parseSeconds } from "../config/quantity.ts";
import { parseStoreUrl } from "../config/urls.ts";
import type { HitFormat } from "../hits/export.ts";
import { parseSpan } from "../load/flag-values.ts";

/** With the waits in between, hours. */
const RETRIES_MAX = 1000;

export const getFlags = [
  {
    name: "head",
    ...OFF,
    help: "ask for the head only and print nothing: the exit status tells",
  },
  {
    name: "timeout",
    env: "WEIR_TIMEOUT",
    kind: "duration",
    placeholder: "D",
    fallback: "30s",
    parse: parseSpan,
    help: "give up when nothing arrives for this long; a slow download may take any time",
  },
  {
    name: "continue",
    short: "C",
    env: "WEIR_CONTINUE",
    ...OFF,
    help: "continue a download that was stopped; text is saved too",
  },
  {
    name: "retries",
    env: "WEIR_RETRIES",
    kind: "number",
    placeholder: "N",
    fallback: "5",
    parse: (text) => parseIntegerBetween(text, 0, RETRIES_MAX),
    help: "how often to retry after a refusal or a broken connection; 0: never",
  },
  {
    name: "max-wait",
    env: "WEIR_MAX_WAIT",
    kind: "duration",
    placeholder: "D",
    fallback: "1m",
    parse: parseSeconds,
    help: "give up when the server asks to wait longer",
  },
] as const satisfies FlagTable;

export const compareFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the comparison as JSON into a file, or to stdout",
  },
] as const satisfies FlagTable;

export const labFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the results as JSON into a file, or to stdout",
  },
  {
    name: "report",
    kind: "file",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the results as one HTML page with plots",
  },
] as const satisfies FlagTable;

const FORMATS = ["json", "csv"] as const satisfies HitFormat[];

// No environment variables: an import changes what is kept, so the place is always typed. What a server
// of this machine uses is not necessarily what is meant.
export const hitsFlags = [
  {
    name: "store",
    kind: "text",
    placeholder: "URL",
    fallbackText: "the state folder",
    parse: parseStoreUrl,
    help: "the hits in this store: redis://HOST:PORT/DB, rediss://",
  },
  {
    name: "state",
    kind: "folder",
    placeholder: "DIR",
    fallbackText: "$XDG_STATE_HOME/weir",
    parse: parseFolder,
    help: "the hits in this state folder",
  },
  {
    name: "dir",
    kind: "folder",
    placeholder: "DIR",
    fallbackText: "the current folder",
    parse: parseFolder,
    help: "the served folder whose hits are meant; a state folder holds those of several",
  },
  {
    name: "format",
    ...choice(FORMATS),
    fallbackText: "json; csv for a file of that name",
    help: "how export writes them",
  },
  {
    name: "out",
    kind: "file",
    placeholder: "FILE|-",
    fallback: "-",
    fallbackText: "stdout",
    parse: parsePath,
    help: "where export writes them",
  },
  {
    name: "add",
    ...OFF,
    help: "import adds to the totals, each file once; off: it raises them to these",
  },
] as const satisfies FlagTable;

function parseFolder(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}
