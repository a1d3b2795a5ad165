// Listings of large folders: CPU time for one, how long its reader waits for the first byte, and how
// much memory the server took at most.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperationError } from "../../src/base/operation-error.ts";
import { type Answer, ask } from "../ask.ts";
import { medianOf } from "../comparison.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import type { PeerName } from "../peers/peer-list.ts";
import type { Server } from "../peers/peer-process.ts";
import { readCpuNs, readPeakMemoryBytes } from "../process-tree.ts";
import type { Case, Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";

const SMALL = 1_000;
const LARGE = 100_000;

export const listings: Row = {
  name: "listings",
  title: "Listings of folders",
  targets: [
    { caseName: caseName(SMALL), peer: "nginx", ratioMax: 1 },
    { caseName: caseName(SMALL), peer: "caddy", ratioMax: 1 },
    { caseName: caseName(LARGE), peer: "nginx", ratioMax: 1 },
  ],
  bounds: [{ caseName: `${caseName(LARGE)}, first byte`, valueMax: 50 }],
  async measure(context) {
    const largeCount = Math.min(LARGE, context.form.entriesMax);
    return {
      cases: [
        ...(await measureFolder(context, SMALL, ["weir", "nginx", "caddy"])),
        // Caddy lists no more than 10,000 entries.
        ...(await measureFolder(context, largeCount, ["weir", "nginx"])),
      ],
    };
  },
};

function caseName(entryCount: number): string {
  return `${entryCount.toLocaleString("en")} entries`;
}

async function measureFolder(
  context: RowContext,
  entryCount: number,
  names: readonly PeerName[],
): Promise<Case[]> {
  const dir = context.makeFolder();
  for (let index = 0; index < entryCount; index++) writeFileSync(join(dir, nameOf(index)), "x");
  const servers = await context.startServers(names, { dir });
  const name = caseName(entryCount);
  const contenders = servers.map((server) => contend(server, entryCount));
  const { form } = context;
  const cpu = await measureInTurn(contenders, form);
  const warmUps = form.rounds === 0 ? 0 : 1;
  const firstByte = contenders.map((contender) => ({
    name: contender.name,
    rounds: contender.firstByteMs.slice(warmUps),
  }));
  return [
    { name, unit: "ms CPU a listing", series: cpu },
    { name: `${name}, first byte`, unit: "ms", series: firstByte },
    { name: `${name}, peak memory`, unit: "MiB", series: servers.map(seriesOfPeak) },
  ];
}

function nameOf(index: number): string {
  return `entry-${index}.txt`;
}

/** Measures CPU time, and notes the time to the first byte of each round's median answer. */
function contend(server: Server, entryCount: number): Contender & { firstByteMs: number[] } {
  const firstByteMs: number[] = [];
  const measure = async (seconds: number): Promise<number> => {
    const startNs = readCpuNs(server.pid);
    const endMs = performance.now() + seconds * 1000;
    const answersMs: number[] = [];
    // One after the other; the last one may end later than the round.
    while (answersMs.length === 0 || performance.now() < endMs) {
      answersMs.push((await askListing(server, entryCount)).firstByteMs);
    }
    firstByteMs.push(medianOf(answersMs));
    return (readCpuNs(server.pid) - startNs) / answersMs.length / 1e6;
  };
  return { name: server.name, measure, firstByteMs };
}

function seriesOfPeak({ name, pid }: Server): { name: string; rounds: number[] } {
  return { name, rounds: [readPeakMemoryBytes(pid) / 1024 ** 2] };
}

/** The listing, which must link to every entry. Throws `OperationError` otherwise. */
async function askListing(server: Server, entryCount: number): Promise<Answer> {
  const answer = await ask(`${server.url}/`);
  const text = answer.body.toString("latin1");
  const names = new Set(text.match(/entry-\d+\.txt/g));
  if (answer.status === 200 && names.size === entryCount) return answer;
  throw new OperationError(
    `${server.name} answered "${server.url}/" wrongly: ` +
      `status ${answer.status}, ${names.size} of ${entryCount} entries`,
  );
}
