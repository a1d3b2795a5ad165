// Every row, in the order in which they run.

import type { Row } from "../row.ts";
import { admin } from "./admin.ts";
import { growth } from "./growth.ts";
import { largeFiles } from "./large-files.ts";
import { latency } from "./latency.ts";
import { listings } from "./listings.ts";
import { load } from "./load.ts";
import { memory } from "./memory.ts";
import { micro } from "./micro.ts";
import { newConnections } from "./new-connections.ts";
import { nodeServers } from "./node-servers.ts";
import { refusals } from "./refusals.ts";
import { smallFiles } from "./small-files.ts";
import { startUp } from "./start-up.ts";
import { store } from "./store.ts";
import { threads } from "./threads.ts";

export const ROWS: readonly Row[] = [
  smallFiles,
  largeFiles,
  refusals,
  newConnections,
  listings,
  latency,
  nodeServers,
  load,
  threads,
  growth,
  admin,
  store,
  memory,
  startUp,
  micro,
];
