// The experiment of concurrency: requests that all come at once, against the form of the server that
// answers one at a time and the form that answers them together. Called by lab-run.ts.

import { availableParallelism } from "node:os";
import { runLoad } from "../load/load-run.ts";
import { type Check, checkBounds, checkEqual } from "./check.ts";
import { labTarget } from "./lab-folder.ts";
import type { ConcurrencyResult, FormRun } from "./lab-result.ts";
import { type LabSurroundings, labHost, withLabServer } from "./lab-server.ts";

const requestCount = 10;
const workMs = 500;
/** Room for what a busy machine adds to the theory; a tenth of what the two forms differ by. */
const slackMs = 500;
/** Timers count from the last turn of the event loop, and so may end some milliseconds early. */
const timerMs = 10;

export async function runConcurrencyExperiment(
  surroundings: LabSurroundings,
): Promise<ConcurrencyResult> {
  const forms = [
    await measureForm(surroundings, "one at a time"),
    await measureForm(surroundings, "concurrent"),
  ];
  return { name: "concurrency", workMs, slackMs, forms, checks: forms.flatMap(checkForm) };
}

async function measureForm(surroundings: LabSurroundings, form: FormRun["form"]): Promise<FormRun> {
  const isSerial = form === "one at a time";
  const workers = isSerial ? 1 : availableParallelism();
  const serveArgs = [
    ...["--workers", String(workers)],
    ...["--concurrency", isSerial ? "1" : "off"],
    ...["--delay", `${workMs}ms`],
    // Ten at once would collide with the limit of five, and measure that.
    ...["--rate", "off"],
  ];
  const load = await withLabServer(surroundings, serveArgs, (port) =>
    runLoad({
      host: labHost,
      port,
      requestTarget: labTarget,
      requests: requestCount,
      connections: requestCount,
      keepAlive: false,
      timeoutMs: 60_000,
      signal: surroundings.signal,
    }),
  );
  return {
    form,
    workers,
    requests: requestCount,
    successful: load.admitted,
    totalMs: load.durationMs,
    theoryMs: isSerial ? requestCount * workMs : workMs,
    successfulPerSecond: (load.admitted * 1000) / load.durationMs,
  };
}

function checkForm({ form, requests, successful, totalMs, theoryMs }: FormRun): Check[] {
  return [
    checkEqual(`${form}, successful`, successful, requests),
    checkBounds(`${form}, total ms`, totalMs, {
      atLeast: theoryMs - timerMs,
      atMost: theoryMs + slackMs,
    }),
  ];
}
