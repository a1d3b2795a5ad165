// The experiment of the counter: updates that a plain counter loses under more and more threads, that
// an atomic one does not lose, and weir's own count of hits under requests from many connections.
// Called by lab-run.ts.

import { availableParallelism } from "node:os";
import { OperationError } from "../base/operation-error.ts";
import { runLoad } from "../load/run.ts";
import { type CounterForm, runCounterRace } from "./counter-race.ts";
import {
  type Check,
  type CounterResult,
  type CounterRun,
  checkBounds,
  checkEqual,
} from "./result.ts";
import { type LabSurroundings, labFileName, labHost, labTarget, withLabServer } from "./server.ts";

/** One alone loses nothing, two that run at once already do; more than cores take turns. */
const threadCounts = [1, 2, 4, 8] as const;
/** Some 50 ms for each thread, so that they overlap even if one of them is woken late. */
const additionsPerThread = 1_000_000;
const connectionCount = 12;
const requestsPerConnection = 200;

export async function runCounterExperiment(surroundings: LabSurroundings): Promise<CounterResult> {
  const plain = await raceAll("plain read and write", surroundings);
  const atomic = await raceAll("Atomics.add", surroundings);
  const hits = await countHits(surroundings);
  return {
    name: "counter",
    connections: connectionCount,
    runs: [...plain, ...atomic, hits],
    checks: [...plain.map(checkPlain), ...[...atomic, hits].map(checkExact), checkHits(hits)],
  };
}

async function raceAll(
  form: CounterForm,
  { signal }: LabSurroundings,
): Promise<readonly CounterRun[]> {
  const runs: CounterRun[] = [];
  for (const threadCount of threadCounts) {
    runs.push(await runCounterRace({ form, threadCount, additionsPerThread, signal }));
  }
  return runs;
}

/**
 * Theory says that the plain form may lose, not that it must: nothing is checked but that it makes
 * nothing up, and that a thread alone loses nothing. The report says so where it lost nothing.
 */
function checkPlain({ form, threads, lost }: CounterRun): Check {
  const what = `${form}, ${threads} threads, lost`;
  return threads === 1 ? checkEqual(what, lost, 0) : checkBounds(what, lost, { atLeast: 0 });
}

function checkExact({ form, threads, lost }: CounterRun): Check {
  return checkEqual(`${form}, ${threads} threads, lost`, lost, 0);
}

function checkHits({ form, additions }: CounterRun): Check {
  return checkEqual(`${form}, additions`, additions, connectionCount * requestsPerConnection);
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
