// Every flag of `weir serve`, in the order of help. To add one, add its row to one of the groups: its
// value is then in ServeConfig, typed, and it can be typed, set in the environment (WEIR_NAME) and
// written into the config file.

import { fleet, limit, proxies } from "./limit-flags.ts";
import { counting, watching } from "./running-flags.ts";
import { serving } from "./serving-flags.ts";
import { site } from "./site-flags.ts";

export const serveGroups = [serving, limit, counting, site, proxies, fleet, watching] as const;

export const serveFlags = [
  ...serving.flags,
  ...limit.flags,
  ...counting.flags,
  ...site.flags,
  ...proxies.flags,
  ...fleet.flags,
  ...watching.flags,
] as const;
