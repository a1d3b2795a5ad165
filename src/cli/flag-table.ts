// The flags of all commands, by command: for one that is typed after another command than its own, and
// for tests that go through all of them.

import type { FlagTable } from "../config/flag.ts";
import { serveFlags } from "../config/serve-flags.ts";
import { compareFlags, getFlags, labFlags } from "./client-flags.ts";
import { hitsFlags } from "./hits-flags.ts";
import { loadFlags } from "./load-flags.ts";

export const flagTables: ReadonlyMap<string, FlagTable> = new Map<string, FlagTable>([
  ["serve", serveFlags],
  ["load", loadFlags],
  ["get", getFlags],
  ["compare", compareFlags],
  ["hits", hitsFlags],
  ["lab", labFlags],
]);
