// The contract of hits on the file of a state folder. hit-counter.full.test.ts holds a store to it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openSqliteHits } from "../../src/hits/sqlite.ts";
import { SqliteSaver } from "../../src/hits/sqlite-saver.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { ROOT, startCounting } from "./counting-in-memory.ts";
import { type HitPlace, testHitPlace } from "./hit-counter-contract.ts";

async function makeFilePlace(t: TestContext): Promise<HitPlace> {
  const stateDir = join(makeTempFolder(t), "state");
  const file = join(stateDir, "hits.sqlite");
  const warnings: string[] = [];
  return {
    warnings,
    start: () =>
      startCounting((ledger) => {
        const options = { stateDir, rootDir: ROOT, ledger, wallMs: Date.now };
        const saver = new SqliteSaver({ ...options, warn: (line) => warnings.push(line) });
        saver.start();
        t.after(() => saver.stop());
        return { stop: () => saver.stop(), kill: () => saver.stop() };
      }),
    lose: async () => {
      // Another server has written, so that the file is read again.
      const other = openSqliteHits(file, ROOT);
      other.addGains([{ path: "/other", gained: 1 }]);
      other.close();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 4096, 4096 * 12);
      writeFileSync(file, bytes);
    },
  };
}

testHitPlace("shared memory and SQLite", makeFilePlace);
