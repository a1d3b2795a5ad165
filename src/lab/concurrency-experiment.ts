// The experiment of concurrency: requests that all come at once, more and more of them, against the
// form of the server that answers one at a time and the form that answers them together. Called by
// lab-run.ts.

import { availableParallelism } from "node:os";
import { runLoad } from "../load/run.ts";
import {
  type Check,
  type ConcurrencyResult,
  checkBounds,
  checkEqual,
  type FormRun,
} from "./result.ts";
import { type LabSurroundings, labHost, labTarget, withLabServer } from "./server.ts";

const requestCounts = [1, 2, 5, 10, 20] as const;
const requestCountMax = 50;
const workMs = 500;
/** Room for what a busy machine adds to the theory; far less than what the two forms differ by. */
const slackMs = 500;
const slackShare = 0.1;
/** Timers count from the last turn of the event loop, and so may end some milliseconds early. */
const timerMs = 10;

export async function runConcurrencyExperiment(
  surroundings: LabSurroundings,
): Promise<ConcurrencyResult> {
  // 50 requests one at a time are 25 s in which a server waits and computes nothing: the others are
  // measured meanwhile, each on a server of its own.
  const [largest, others] = await settleAll([
    measureForm(surroundings, "one at a time", [requestCountMax]),
    measureOthers(surroundings),
  ]);
  const forms = [...others.serial, ...largest, ...others.concurrent];
  return {
    ...{ name: "concurrency", workMs, slackMs, slackShare, forms },
    checks: forms.flatMap(checkForm),
  };
}

async function measureOthers(surroundings: LabSurroundings) {
  return {
    serial: await measureForm(surroundings, "one at a time", requestCounts),
    concurrent: await measureForm(surroundings, "concurrent", [...requestCounts, requestCountMax]),
  };
}

/** Like Promise.all, but waits for the end of both also when one fails: no server is left behind. */
async function settleAll<A, B>(promises: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** On one server, one number of requests after the other. */
function measureForm(
  surroundings: LabSurroundings,
  form: FormRun["form"],
  counts: readonly number[],
): Promise<FormRun[]> {
  const isSerial = form === "one at a time";
  const workers = isSerial ? 1 : availableParallelism();
  const serveArgs = [
    ...["--workers", String(workers)],
    ...["--concurrency", isSerial ? "1" : "off"],
    ...["--delay", `${workMs}ms`],
    // Ten at once would collide with the limit of five, and measure that.
    ...["--rate", "off"],
  ];
  return withLabServer(surroundings, serveArgs, async (port) => {
    const runs: FormRun[] = [];
    for (const requests of counts) {
      const theoryMs = isSerial ? requests * workMs : workMs;
      const load = await sendAtOnce(port, requests, surroundings.signal);
      runs.push({ form, workers, requests, theoryMs, ...load });
    }
    return runs;
  });
}

async function sendAtOnce(port: number, requests: number, signal: AbortSignal) {
  const { admitted, durationMs, rate } = await runLoad({
    host: labHost,
    port,
    requestTarget: labTarget,
    requests,
    connections: requests,
    keepAlive: false,
    timeoutMs: 60_000,
    signal,
  });
  return { successful: admitted, totalMs: durationMs, successfulPerSecond: rate.admitted };
}

function checkForm({ form, requests, successful, totalMs, theoryMs }: FormRun): Check[] {
  const name = `${form}, ${requests} at once`;
  return [
    checkEqual(`${name}, successful`, successful, requests),
    checkBounds(`${name}, total ms`, totalMs, {
      atLeast: theoryMs - timerMs,
      atMost: theoryMs * (1 + slackShare) + slackMs,
    }),
  ];
}
