// The flags of `weir hits`.

import { resolve } from "node:path";
import { choice, type FlagTable, OFF } from "../config/flag.ts";
import { parsePath } from "../config/quantity.ts";
import { parseStoreUrl } from "../config/store-url.ts";
import type { HitFormat } from "../hits/export.ts";

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
