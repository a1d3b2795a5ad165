// The contract of hits on both places that keep them.

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { SharedHitCounter } from "../../src/hits/hit-counter.ts";
import { HitLedger } from "../../src/hits/hit-ledger.ts";
import { HitSaver } from "../../src/hits/hit-saver.ts";
import { openHitStore } from "../../src/hits/hit-store.ts";
import { createSharedMemory } from "../../src/shared-memory/memory-layout.ts";
import { StoreHitSaver } from "../../src/store/store-hit-saver.ts";
import { connectTo, TEST_PREFIX } from "../fixtures/counting-server.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { type CountedServer, type HitPlace, testHitPlace } from "./hit-counter-contract.ts";

const ROOT = "/served";

/** The ledger of a server that may die: then nobody learns anything from it any more. */
class MortalLedger extends HitLedger {
  isDead = false;

  override readGains() {
    return this.isDead ? [] : super.readGains();
  }

  override *readCounts() {
    if (!this.isDead) yield* super.readCounts();
  }
}

interface Saving {
  stop(): void | Promise<void>;
  kill(): void;
}

/** Counts in memory of its own, which `save` begins to save. */
async function startCounting(
  save: (ledger: HitLedger) => Promise<Saving> | Saving,
): Promise<CountedServer> {
  const hashSecret = randomBytes(32);
  const memory = createSharedMemory({ hashSecret, cellCount: 0, hitFilesMax: 8192 });
  const counter = new SharedHitCounter(memory, 1);
  const ledger = new MortalLedger(memory);
  const saving = await save(ledger);
  return {
    add: (path, hits) => {
      for (let hit = 0; hit < hits; hit++) counter.add(path);
    },
    hitsOf: (path) => counter.hitsOf(path),
    stop: async () => saving.stop(),
    kill: () => {
      ledger.isDead = true;
      saving.kill();
    },
  };
}

async function makeFilePlace(t: TestContext): Promise<HitPlace> {
  const stateDir = join(makeTempFolder(t), "state");
  const file = join(stateDir, "hits.sqlite");
  const warnings: string[] = [];
  return {
    warnings,
    start: () =>
      startCounting((ledger) => {
        const options = { stateDir, rootDir: ROOT, ledger, wallMs: Date.now };
        const saver = new HitSaver({ ...options, warn: (line) => warnings.push(line) });
        saver.start();
        t.after(() => saver.stop());
        return { stop: () => saver.stop(), kill: () => saver.stop() };
      }),
    lose: async () => {
      // Another server has written, so that the file is read again.
      const other = openHitStore(file, ROOT);
      other.addGains([{ path: "/other", gained: 1 }]);
      other.close();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 4096, 4096 * 12);
      writeFileSync(file, bytes);
    },
  };
}

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
        const saver = new StoreHitSaver({
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

testHitPlace("shared memory and SQLite", makeFilePlace);
testHitPlace("shared memory and a store", makeStorePlace);
