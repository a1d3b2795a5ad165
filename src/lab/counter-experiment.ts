// The counter experiment: updates that a plain counter loses with more and more threads and an atomic
// counter does not, and weir's own count of hits under requests from many connections. Called by
// command.ts.

import { availableParallelism } from "node:os";
import { OperationError } from "../base/operation-error.ts";
import { runLoad } from "../load/run.ts";
import { runCounterRace } from "./counter-race.ts";
import type { CounterForm } from "./counter-thread.ts";
import {
  type Check,
  type CounterResult,
  type CounterRun,
  checkBounds,
  checkEqual,
} from "./result.ts";
import {
  LAB_FILE_NAME,
  LAB_HOST,
  LAB_TARGET,
  type LabSurroundings,
  withLabServer,
} from "./server.ts";

/** One thread alone loses nothing, two that run at once do; more than there are cores take turns. */
const THREAD_COUNTS = [1, 2, 4, 8] as const;
/** About 50 ms for each thread, so that they overlap even if one of them wakes up late. */
const ADDITIONS_PER_THREAD = 1_000_000;
const CONNECTION_COUNT = 12;
const REQUESTS_PER_CONNECTION = 200;

/** @throws OperationError when a server does not start; the reason of the signal when it is aborted */
export async function runCounterExperiment(surroundings: LabSurroundings): Promise<CounterResult> {
  const plain = await raceAll("plain read and write", surroundings);
  const atomic = await raceAll("Atomics.add", surroundings);
  const hits = await countHits(surroundings);
  return {
    name: "counter",
    connections: CONNECTION_COUNT,
    runs: [...plain, ...atomic, hits],
    checks: [...plain.map(checkPlain), ...[...atomic, hits].map(checkExact), checkHits(hits)],
  };
}

async function raceAll(
  form: CounterForm,
  { signal }: LabSurroundings,
): Promise<readonly CounterRun[]> {
  const runs: CounterRun[] = [];
  for (const threadCount of THREAD_COUNTS) {
    runs.push(
      await runCounterRace({
        form,
        threadCount,
        additionsPerThread: ADDITIONS_PER_THREAD,
        signal,
      }),
    );
  }
  return runs;
}

/**
 * Theory says that the plain form may lose additions, not that it must. So this only checks that it does
 * not invent any, and that a single thread loses nothing. The report says so when nothing was lost.
 */
function checkPlain({ form, threads, lost }: CounterRun): Check {
  const what = `${form}, ${threads} threads, lost`;
  return threads === 1 ? checkEqual(what, lost, 0) : checkBounds(what, lost, { atLeast: 0 });
}

function checkExact({ form, threads, lost }: CounterRun): Check {
  return checkEqual(`${form}, ${threads} threads, lost`, lost, 0);
}

function checkHits({ form, additions }: CounterRun): Check {
  return checkEqual(`${form}, additions`, additions, CONNECTION_COUNT * REQUESTS_PER_CONNECTION);
}

function countHits(surroundings: LabSurroundings): Promise<CounterRun> {
  const workers = availableParallelism();
  const serveArgs = ["--workers", String(workers), "--rate", "off"];
  return withLabServer(surroundings, serveArgs, async (port) => {
    const load = await runLoad({
      host: LAB_HOST,
      port,
      requestTarget: LAB_TARGET,
      requests: CONNECTION_COUNT * REQUESTS_PER_CONNECTION,
      connections: CONNECTION_COUNT,
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

/** The hits of the lab's file, as the server's own listing shows them. */
async function readHits(port: number, signal: AbortSignal): Promise<number> {
  const url = `http://${LAB_HOST}:${port}/?format=json`;
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw new OperationError(`cannot read the hits from "${url}": status ${response.status}`);
  }
  const listing = (await response.json()) as { entries: { name: string; hits: number }[] };
  return listing.entries.find(({ name }) => name === LAB_FILE_NAME)?.hits ?? 0;
}
