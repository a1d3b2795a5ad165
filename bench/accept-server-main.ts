// One server with a given way of accepting, for accepting.ts: `accept-server-main.ts DIR KIND`.

import { realpathSync } from "node:fs";
import { startServer } from "../src/server/running-server.ts";
import type { AcceptMode } from "../src/server/thread-message.ts";
import { benchConfig } from "./bench-config.ts";

const [dir = ".", acceptKind = "reuse-port"] = process.argv.slice(2);
const config = benchConfig(realpathSync(dir));
const server = await startServer(config, { acceptKind: acceptKind as AcceptMode["kind"] });
process.stdout.write(`${server.address.port}\n`);
