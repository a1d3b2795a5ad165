// `npm run conformance`: runs the corpora against weir, and against other servers that are installed,
// and prints how many cases each passed. See docs/CONFORMANCE.md.

import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { type AttackedFolder, makeAttackedFolder } from "./attacked-folder.ts";
import { describeResult, tally } from "./case-result.ts";
import { type Corpora, corporaFolder, readCorpora } from "./corpora.ts";
import { corpusList } from "./corpus-list.ts";
import { PEERS } from "./peer-config.ts";
import { startPeer } from "./peers.ts";
import type { ServerAddress } from "./server-address.ts";

const USAGE = `Usage: WEIR_CORPORA=DIR npm run conformance -- [--against LIST] [--failures]
  --against LIST   other servers to run, of: ${Object.keys(PEERS).join(",")}
  --failures       list every case that did not pass, with what was observed`;

interface Stand {
  readonly corpora: Corpora;
  readonly folder: AttackedFolder;
  /** A folder that is removed at the end. */
  readonly root: string;
  readonly listsFailures: boolean;
}

/** What was begun, ended in the opposite order. */
type Endings = (() => unknown)[];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { against: { type: "string", default: "" }, failures: { type: "boolean" } },
  });
  const corporaDir = corporaFolder(process.env);
  const peers = values.against.split(",").filter((name) => name !== "");
  const unknown = peers.find((name) => PEERS[name] === undefined);
  if (corporaDir === undefined || unknown !== undefined) {
    if (unknown !== undefined) console.error(`"${unknown}" is no peer.`);
    console.error(USAGE);
    return 2;
  }
  const corpora = readCorpora(corporaDir);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "weir-conformance-")));
  const endings: Endings = [() => removeFolder(root)];
  try {
    const folder = makeAttackedFolder(root, corpora.redirectCrlf);
    const stand = { corpora, folder, root, listsFailures: values.failures === true };
    const end = { after: (ending: () => unknown) => void endings.push(ending) };
    const weir = await startWeir(end, { dir: folder.served, args: ["--rate", "off"] });
    printRow(["server", "corpus", "cases", "pass", "warn", "fail", "seconds"]);
    const failCount = await runAll("weir", weir, stand);
    await weir.stop();
    for (const peer of peers) await runPeer(peer, stand, endings);
    return failCount === 0 ? 0 : 1;
  } finally {
    for (const ending of endings.reverse()) await ending();
  }
}

async function runPeer(name: string, stand: Stand, endings: Endings): Promise<void> {
  const own = join(stand.root, name);
  mkdirSync(own);
  const peer = await startPeer(name, stand.folder.served, own);
  if (peer.kind === "failed") {
    console.log(`${name.padEnd(10)}did not start: ${peer.explanation}`);
    return;
  }
  if (peer.kind === "absent") {
    console.log(`${name.padEnd(10)}not installed: Debian package ${peer.debianPackage}`);
    return;
  }
  endings.push(peer.stop);
  await runAll(name, peer.address, stand);
  await peer.stop();
}

/** Runs every corpus against one server; returns how many cases failed. */
async function runAll(server: string, address: ServerAddress, stand: Stand): Promise<number> {
  let failCount = 0;
  for (const { name, run } of corpusList(address, stand.corpora, stand.folder)) {
    const startMs = performance.now();
    const results = await run();
    const sums = tally(results);
    failCount += sums.failCount;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const { caseCount, passCount, warnCount } = sums;
    printRow([server, name, caseCount, passCount, warnCount, sums.failCount, seconds]);
    if (!stand.listsFailures) continue;
    for (const result of results) {
      if (result.verdict !== "pass") console.log(`  ${describeResult(result)}`);
    }
  }
  return failCount;
}

function printRow([server, corpus, ...numbers]: readonly (string | number)[]): void {
  const columns = numbers.map((number) => `${number}`.padStart(8)).join("");
  console.log(`${`${server}`.padEnd(10)}${`${corpus}`.padEnd(16)}${columns}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
