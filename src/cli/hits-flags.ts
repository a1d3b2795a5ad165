// The flags of `weir hits`, a part of the table in flag-table.ts: as data, with the same columns.

import { resolve } from "node:path";
import { parseOneOf, parsePath, parseSwitch } from "../config/quantity.ts";
import { parseStoreUrl } from "../config/store-url.ts";
import type { HitFormat } from "../hits/export.ts";
import type { FlagTable } from "./flag.ts";

const formats = ["json", "csv"] as const satisfies HitFormat[];

// No environment variables: what a server uses is not necessarily what is meant here.
export const hitsFlags = [
  {
    name: "store",
    placeholder: "URL",
    fallbackText: "the state folder",
    parse: parseStoreUrl,
    help: "the hits in this store: redis://HOST:PORT/DB, rediss://",
  },
  {
    name: "state",
    placeholder: "DIR",
    fallbackText: "$XDG_STATE_HOME/weir",
    parse: parseFolder,
    help: "the hits in this state folder",
  },
  {
    name: "dir",
    placeholder: "DIR",
    fallbackText: "the current folder",
    parse: parseFolder,
    help: "the served folder whose hits are meant; a state folder holds those of several",
  },
  {
    name: "format",
    placeholder: formats.join("|"),
    fallbackText: "json; csv for a file of that name",
    parse: (text) => parseOneOf(text, formats),
    help: "how export writes them",
  },
  {
    name: "out",
    placeholder: "FILE|-",
    fallback: "-",
    fallbackText: "stdout",
    parse: parsePath,
    help: "where export writes them",
  },
  {
    name: "add",
    fallback: "off",
    parse: parseSwitch,
    help: "import adds to what is there, each file once; off: totals are raised to these",
  },
] as const satisfies FlagTable;

function parseFolder(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}
