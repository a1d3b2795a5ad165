// The contract of hits on a store that servers share, which a real redis-server is.

import type { TestContext } from "node:test";
import { FleetSaver } from "../../src/store/fleet-saver.ts";
import { connectTo, TEST_PREFIX } from "../fixtures/counting-server.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { ROOT, startCounting } from "./counting-in-memory.ts";
import { type HitPlace, testHitPlace } from "./hit-counter-contract.ts";

async function makeStorePlace(t: TestContext): Promise<HitPlace | undefined> {
  const redis = await startRedis(t);
  if (redis === undefined) return undefined;
  const connection = await connectTo(t, redis);
  const stateDir = makeTempFolder(t);
  const warnings: string[] = [];
  return {
    warnings,
    start: () =>
      startCounting(async (ledger) => {
        const saver = new FleetSaver({
          scripts: connection,
          prefix: TEST_PREFIX,
          shown: redis.url,
          place: { stateDir, rootDir: ROOT, store: redis.url },
          ledger,
          warn: (line) => warnings.push(line),
          onChange: (isUp, reason) => warnings.push(`${isUp} ${reason}`),
          wallMs: Date.now,
        });
        await saver.start();
        t.after(() => saver.stopAtOnce());
        return { stop: () => saver.stop(), kill: () => saver.stopAtOnce() };
      }),
    lose: async () => {
      await redis.ask("FLUSHALL");
    },
  };
}

testHitPlace("shared memory and a store", makeStorePlace);
