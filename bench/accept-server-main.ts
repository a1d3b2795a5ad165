// One server with a given way of accepting, for accepting.ts: `accept-server-main.ts DIR KIND`.

import { realpathSync } from "node:fs";
import { startServer } from "../src/serve/running-server.ts";
import type { AcceptKind } from "../src/serve/site-listeners.ts";
import { benchConfig } from "./bench-config.ts";

const [dir = ".", acceptKind = "reuse-port"] = process.argv.slice(2);
const config = benchConfig(realpathSync(dir));
const server = await startServer(config, { acceptKind: acceptKind as AcceptKind });
const [place] = server.places;
if (place?.kind === "port") process.stdout.write(`${place.port}\n`);
