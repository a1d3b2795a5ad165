// How far a fleet with one store grows: a simulation of 1 to 1,000 servers and 10 million clients, and
// what one call costs the store, measured here. Run by hand:
//
//   node bench/fleet-growth.ts
//
// The simulation takes the rules of src/store and none of its speed: a request that may pass asks the
// store, a client that was refused is refused by the same server until its time comes. Clients come to
// any server, the worst that a balancer can do. Prints the table of docs/FLEET.md.

import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTable } from "../src/base/figure-text.ts";
import { parseStoreUrl } from "../src/config/store-url.ts";
import { LIMIT_SCRIPT } from "../src/store/limit-script.ts";
import { StoreConnection } from "../src/store/store-connection.ts";
import { findFreePort } from "../test/fixtures/free-port.ts";
import { RedisServer } from "../test/fixtures/redis-server.ts";
import { findProgram } from "../test/fixtures/system-program.ts";
import { removeFolder } from "../test/fixtures/temp-folder.ts";
import { type FleetCalls, simulateFleet } from "./fleet-simulation.ts";
import { readCpuNs } from "./process-tree.ts";

const INSTANCE_COUNTS = [1, 3, 10, 100, 1000];
/** Asks that many servers for a busy site: more would only repeat the same numbers. */
const REQUESTS_PER_SECOND_MAX = 1_000_000;
const REQUESTS_PER_INSTANCE = 2000;
const CLIENT_COUNT = 10_000_000;
/** Of all requests, those of clients that ask without end. */
const SPAM_SHARE = 0.1;
const SPAMMER_COUNT = 100;
const CALL_COUNT = 100_000;
const CALLS_AT_ONCE = 500;

async function main(): Promise<void> {
  const callUs = await measureCallUs();
  console.log(
    `one call costs the store ${callUs.toFixed(1)} µs of CPU: ${format(1e6 / callUs)} a second fill one core\n`,
  );
  const rows = INSTANCE_COUNTS.map((instanceCount) => describe(instanceCount, callUs));
  const heads = ["servers", "requests/s", "asked the store", "refused without", "store cores"];
  console.log(formatTable([heads, ...rows]).join("\n"));
}

function describe(instanceCount: number, callUs: number): string[] {
  const requestsPerSecond = Math.min(
    REQUESTS_PER_SECOND_MAX,
    instanceCount * REQUESTS_PER_INSTANCE,
  );
  const calls: FleetCalls = simulateFleet({
    instanceCount,
    requestsPerSecond,
    clientCount: CLIENT_COUNT,
    spammerCount: SPAMMER_COUNT,
    spamShare: SPAM_SHARE,
    limit: { count: 5, windowMs: 1000 },
    seconds: 3,
  });
  return [
    format(instanceCount),
    format(requestsPerSecond),
    format(calls.askedPerSecond),
    format(calls.refusedLocallyPerSecond),
    ((calls.askedPerSecond * callUs) / 1e6).toFixed(2),
  ];
}

/** Of the script that decides, with as many keys as calls, many under way at once. */
async function measureCallUs(): Promise<number> {
  const program = findProgram("redis-server", process.env.PATH ?? "");
  if (program === undefined) throw new Error("redis-server is not installed");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "weir-growth-")));
  const redis = new RedisServer(program, folder, await findFreePort());
  await redis.start();
  const ready = Promise.withResolvers<void>();
  const connection = await StoreConnection.open({
    address: parseStoreUrl(redis.url),
    scripts: [LIMIT_SCRIPT],
    onReady: ready.resolve,
  });
  try {
    await ready.promise;
    await callMany(connection, "warm", CALL_COUNT / 4);
    const beforeNs = readCpuNs(redis.pid);
    await callMany(connection, "counted", CALL_COUNT);
    return (readCpuNs(redis.pid) - beforeNs) / 1000 / CALL_COUNT;
  } finally {
    await connection.close();
    await redis.kill9();
    removeFolder(folder);
  }
}

async function callMany(connection: StoreConnection, name: string, count: number): Promise<void> {
  for (let begun = 0; begun < count; begun += CALLS_AT_ONCE) {
    await Promise.all(
      Array.from({ length: CALLS_AT_ONCE }, (_, index) =>
        connection.run(
          LIMIT_SCRIPT,
          [`weir:${name}:${begun + index}`],
          [5, 1_000_000, 5, "", 1],
          5000,
        ),
      ),
    );
  }
}

function format(count: number): string {
  return Math.round(count).toLocaleString("en");
}

await main();
