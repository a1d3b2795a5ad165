// The settings of a server under measurement: two threads, everything on that a user has on, and a
// limit that no load reaches.

import { defaultSite } from "../src/config/site-config.ts";
import type { ServeConfig } from "../src/config/serve-config.ts";
