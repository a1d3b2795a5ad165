// The experiment of the counter: updates that a plain counter loses under threads, that an atomic one
// does not lose, and weir's own count of hits under requests from many connections. Called by
// lab-run.ts.

import { availableParallelism } from "node:os";
import { OperationError } from "../base/operation-error.ts";
import { runLoad } from "../load/load-run.ts";
import { checkBounds, checkEqual } from "./check.ts";
import { runCounterRace } from "./counter-race.ts";
import { labFileName, labTarget } from "./lab-folder.ts";
import type { CounterResult, CounterRun } from "./lab-result.ts";
import { type LabSurroundings, labHost, withLabServer } from "./lab-server.ts";

/** More than most machines' cores are not needed: two that run at once already lose updates. */
const threadCount = 4;
/** Some 50 ms for each thread, so that they overlap even if one of them is woken late. */
const additionsPerThread = 1_000_000;
const connectionCount = 12;
const requestsPerConnection = 200;

export async function runCounterExperiment(surroundings: LabSurroundings): Promise<CounterResult> {
  const race = { threadCount, additionsPerThread, signal: surroundings.signal };
  const plain = await runCounterRace({ ...race, form: "plain read and write" });
  const atomic = await runCounterRace({ ...race, form: "Atomics.add" });
  const hits = await countHits(surroundings);
  return {
    name: "counter",
    connections: connectionCount,
    runs: [plain, atomic, hits],
    checks: [
      // Theory says that the plain form may lose, not that it must: nothing is checked but that it
      // makes nothing up. The report says so where it lost nothing.
      checkBounds(`${plain.form}, lost`, plain.lost, { atLeast: 0 }),
      checkEqual(`${atomic.form}, lost`, atomic.lost, 0),
      checkEqual(
        `${hits.form}, additions`,
        hits.additions,
        connectionCount * requestsPerConnection,
      ),
      checkEqual(`${hits.form}, lost`, hits.lost, 0),
    ],
  };
}

function countHits(surroundings: LabSurroundings): Promise<CounterRun> {
  const workers = availableParallelism();
  const serveArgs = ["--workers", String(workers), "--rate", "off"];
  return withLabServer(surroundings, serveArgs, async (port) => {
    const load = await runLoad({
      host: labHost,
      port,
      requestTarget: labTarget,
      requests: connectionCount * requestsPerConnection,
      connections: connectionCount,
      keepAlive: true,
      timeoutMs: 30_000,
      signal: surroundings.signal,
    });
    const counted = await readHits(port, surroundings.signal);
    return {
      form: "weir's hits over HTTP",
      threads: workers,
      additions: load.admitted,
      counted,
      lost: load.admitted - counted,
    };
  });
}

/** The hits of the lab's file, as the server's own listing tells them. */
async function readHits(port: number, signal: AbortSignal): Promise<number> {
  const url = `http://${labHost}:${port}/?format=json`;
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw new OperationError(`cannot read the hits from "${url}": status ${response.status}`);
  }
  const listing = (await response.json()) as { entries: { name: string; hits: number }[] };
  return listing.entries.find(({ name }) => name === labFileName)?.hits ?? 0;
}
