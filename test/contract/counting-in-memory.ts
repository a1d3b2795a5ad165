// The part of a server that counts hits, without its sockets: counts in shared memory that something saves.
// For the tests of each place that keeps hits; it knows none of the places.

import { randomBytes } from "node:crypto";
import { SharedHitCounter } from "../../src/hits/hit-counter.ts";
import { type ChangedFiles, HitLedger } from "../../src/hits/hit-ledger.ts";
import { createSharedMemory } from "../../src/shared-memory/memory-layout.ts";
import type { CountedServer } from "./hit-counter-contract.ts";

/** The folder whose files are counted. */
export const ROOT = "/served";

/** The ledger of a server that may die: then nobody learns anything from it any more. */
class MortalLedger extends HitLedger {
  isDead = false;

  override readGains() {
    return this.isDead ? [] : super.readGains();
  }

  override get files() {
    return this.isDead ? [] : super.files;
  }

  override follow(): ChangedFiles {
    const changed = super.follow();
    return { take: () => (this.isDead ? [] : changed.take()) };
  }
}

export interface Saving {
  stop(): void | Promise<void>;
  kill(): void;
}

/** Counts in memory of its own, which `save` begins to save. */
export async function startCounting(
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
