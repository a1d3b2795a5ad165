// The concurrency experiment: more and more requests that all come at once, against the form of the
// server that answers one at a time and against the form that answers them together. Called by
// command.ts.

import { availableParallelism } from "node:os";
import { runLoad } from "../load/run.ts";
import {
  type Check,
  type ConcurrencyResult,
  checkBounds,
  checkEqual,
  type FormRun,
} from "./result.ts";
import { LAB_HOST, LAB_TARGET, type LabSurroundings, withLabServer } from "./server.ts";

const REQUEST_COUNTS = [1, 2, 5, 10, 20] as const;
const REQUEST_COUNT_MAX = 50;
const WORK_MS = 500;
/** How much a busy machine may add to the theory. The two forms differ by far more. */
const SLACK_MS = 500;
const SLACK_SHARE = 0.1;
/** Timers count from the last turn of the event loop, so they may end some milliseconds early. */
const TIMER_MS = 10;

/** @throws OperationError when a server does not start; the reason of the signal when it is aborted */
export async function runConcurrencyExperiment(
  surroundings: LabSurroundings,
): Promise<ConcurrencyResult> {
  // 50 requests one at a time take 25 s in which a server waits and computes nothing. The others are
  // measured meanwhile, each on its own server.
  const [largest, others] = await settleAll([
    measureForm(surroundings, "one at a time", [REQUEST_COUNT_MAX]),
    measureOthers(surroundings),
  ]);
  const forms = [...others.serial, ...largest, ...others.concurrent];
  return {
    ...{ name: "concurrency", workMs: WORK_MS, slackMs: SLACK_MS, slackShare: SLACK_SHARE, forms },
    checks: forms.flatMap(checkForm),
  };
}

async function measureOthers(surroundings: LabSurroundings) {
  return {
    serial: await measureForm(surroundings, "one at a time", REQUEST_COUNTS),
    concurrent: await measureForm(surroundings, "concurrent", [
      ...REQUEST_COUNTS,
      REQUEST_COUNT_MAX,
    ]),
  };
}

/** Like Promise.all, but waits for both even when one fails, so that no server is left behind. */
async function settleAll<A, B>(promises: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Measures one number of requests after the other on one server. */
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
    ...["--delay", `${WORK_MS}ms`],
    // Ten at once would hit the limit of five, and the experiment would measure that.
    ...["--rate", "off"],
  ];
  return withLabServer(surroundings, serveArgs, async (port) => {
    const runs: FormRun[] = [];
    for (const requests of counts) {
      const theoryMs = isSerial ? requests * WORK_MS : WORK_MS;
      const load = await sendAtOnce(port, requests, surroundings.signal);
      runs.push({ form, workers, requests, theoryMs, ...load });
    }
    return runs;
  });
}

async function sendAtOnce(port: number, requests: number, signal: AbortSignal) {
  const { admitted, durationMs, rate } = await runLoad({
    host: LAB_HOST,
    port,
    requestTarget: LAB_TARGET,
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
      atLeast: theoryMs - TIMER_MS,
      atMost: theoryMs * (1 + SLACK_SHARE) + SLACK_MS,
    }),
  ];
}
