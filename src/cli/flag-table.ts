// Every flag of every command, once, as data. Parsing, precedence, help and the table in the README
// all come from here: a flag is added by adding its row, and its value appears, typed, in `values`.

import type { FlagTable } from "./flag.ts";
import { limitFlags } from "./limit-flags.ts";
import { runningFlags } from "./running-flags.ts";
import { servingFlags } from "./serving-flags.ts";
import { siteFlags } from "./site-flags.ts";

export { compareFlags, getFlags, labFlags } from "./client-flags.ts";
export { hitsFlags } from "./hits-flags.ts";
export { loadFlags } from "./load-flags.ts";

export const serveFlags = [
  ...servingFlags,
  ...limitFlags,
  ...siteFlags,
  ...runningFlags,
] as const satisfies FlagTable;
