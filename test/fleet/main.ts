// `npm run lab:fleet`: three servers, a store and HAProxy on free ports of this machine; a client that
// asks as fast as it can beside one that keeps to the limit. In the middle the store is killed and comes
// back empty, and a server is killed. Prints what each client got, and exits 1 when a promise of
// docs/FLEET.md is broken.

import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatCount } from "../../src/listing/listing-row.ts";
import { removeFolder } from "../fixtures/temp-folder.ts";
import { Fleet } from "./fleet.ts";
import { PoliteClient, Spammer } from "./fleet-clients.ts";
import { findBrokenPromises, formatPhases, type PhaseResult } from "./fleet-table.ts";

const PHASE_MS = 6000;
/** A store that is gone is noticed within a second, and so is one that is back. */
const SETTLE_MS = 2500;

interface Phase {
  readonly name: string;
  readonly begin: (fleet: Fleet) => unknown;
  /** Servers that hold a client to the limit by themselves, each: the store is gone. */
  readonly limitsApart?: true;
  /** Whether connections may break: a server dies with what it was answering. */
  readonly mayBreak?: true;
}

const PHASES: readonly Phase[] = [
  { name: "all is well", begin: () => {} },
  { name: "the store is killed", begin: (fleet) => fleet.store.kill9(), limitsApart: true },
  { name: "the store is back, empty", begin: (fleet) => fleet.store.start() },
  { name: "a server is killed", begin: (fleet) => fleet.killServer(1), mayBreak: true },
  { name: "the server is back", begin: (fleet) => fleet.startServer(1) },
];

async function main(): Promise<number> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "weir-fleet-")));
  const fleet = new Fleet(root);
  try {
    const missing = Fleet.findMissingPrograms();
    if (missing.length > 0) {
      console.error(`cannot run the fleet: install ${missing.join(" and ")}`);
      return 1;
    }
    await fleet.start();
    return await runPhases(fleet);
  } finally {
    await fleet.stop();
    removeFolder(root);
  }
}

async function runPhases(fleet: Fleet): Promise<number> {
  const spammer = new Spammer(fleet.url);
  const polite = new PoliteClient(fleet.url);
  const results: PhaseResult[] = [];
  const faults: string[] = [];
  for (const { name, begin, limitsApart = false, mayBreak = false } of PHASES) {
    console.error(`${name} …`);
    await begin(fleet);
    // What is noticed late is told apart from what holds afterwards; a break is looked at from its start.
    if (!mayBreak) await sleep(SETTLE_MS);
    spammer.reset();
    polite.reset();
    await sleep(PHASE_MS);
    const result = { name, spammer: spammer.result(), polite: polite.result() };
    results.push(result);
    faults.push(...findBrokenPromises(result, { limitsApart, mayBreak }));
  }
  await Promise.all([spammer.stop(), polite.stop()]);
  const hits = await fleet.readHits();
  const answered = spammer.answeredInAll + polite.answeredInAll;
  console.log(formatPhases(results));
  console.log(
    `\n${formatCount(hits, "hit", "hits")} counted, ${formatCount(answered, "answer", "answers")} received; a killed server's last second may be missing.`,
  );
  if (hits > answered + fleet.unseenMax || hits < answered - fleet.unseenMax) {
    faults.push("hits and answers differ by more than one server's last second");
  }
  for (const fault of faults) console.log(`broken: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
