// Every flag of every command, once, as data. Parsing, precedence, help and the table in the README
// all come from here: a flag is added by adding its row, and its value appears, typed, in `values`.

import { compareFlags, getFlags, labFlags } from "./client-flags.ts";
import type { FlagTable } from "./flag.ts";
import { hitsFlags } from "./hits-flags.ts";
import { limitFlags } from "./limit-flags.ts";
import { loadFlags } from "./load-flags.ts";
import { runningFlags } from "./running-flags.ts";
import { servingFlags } from "./serving-flags.ts";
import { siteFlags } from "./site-flags.ts";

export { compareFlags, getFlags, hitsFlags, labFlags, loadFlags };

export const serveFlags = [
  ...servingFlags,
  ...limitFlags,
  ...siteFlags,
  ...runningFlags,
] as const satisfies FlagTable;

/** By command; for a flag that is typed after another command than its own. */
export const flagTables: ReadonlyMap<string, FlagTable> = new Map<string, FlagTable>([
  ["serve", serveFlags],
  ["load", loadFlags],
  ["get", getFlags],
  ["compare", compareFlags],
  ["hits", hitsFlags],
  ["lab", labFlags],
]);
