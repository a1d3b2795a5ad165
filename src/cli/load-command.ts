// `weir load`: runs what was asked for, shows how it goes, and reports. The positional form is the one
// of the ancestor's request tester and prints its lines; the URL form tells more.

import { OperationError } from "../base/operation-error.ts";
import { quote } from "../config/usage-error.ts";
import { openConnectionCountMax } from "../load/load-limits.ts";
import type { LoadResult } from "../load/load-result.ts";
import { type LoadOptions, runLoad } from "../load/load-run.ts";
import { describeUnknownSource } from "../load/request-outcome.ts";
import { findUnknownSource } from "../load/source-addresses.ts";
import type { Command } from "./command.ts";
import { leaveDeletedFolder } from "./current-folder.ts";
import { loadFlags } from "./load-flags.ts";
import { type LoadArgs, type LoadJob, readLoadJob } from "./load-job.ts";
import { type LiveView, startLiveView } from "./load-live.ts";
import { checkOutputs, writeLoadResult, writeRound, writeRounds } from "./load-output.ts";
import { findMissed } from "./load-threshold.ts";
import { listenForStop, type StopSignal } from "./stop-signal.ts";

const missedCode = 99;

export const loadCommand: Command<typeof loadFlags> = {
  name: "load",
  summary: "send many requests to a server and report what came back",
  usage: [
    "load URL [options]",
    "load HOST PORT PATH COUNT [DELAY] [options]",
    "load --compare URL URL [options]",
  ],
  details: [
    "With a URL, sends --requests over --connections that are kept open; each sends its next request " +
      "when the last one is answered. With --rate, requests are due by a schedule instead, whether or " +
      "not answers come, and latencies count from when they were due: a server that stalls cannot " +
      "hide it.",
    "With HOST PORT PATH COUNT, sends COUNT requests at once, each on a connection of its own, or one " +
      `every DELAY seconds. At most ${openConnectionCountMax} are on their way at any moment.`,
    "429 is the server's limit at work: it is counted apart from errors, and as failed in the lines " +
      "of the second form. What the server says of its limit is checked; --polite obeys it.",
    "A condition of --fail-if is FIGURE, then > >= < or <=, then VALUE. Figures are p50, p99.9 and any " +
      "other percentile, min, mean, max (200ms, 2s); rate, admitted-rate (1000/s); errors, refused, " +
      "admitted, late, never-sent, odd, status:CODE (5, or 1%). With --rate, latencies count from when a " +
      "request was due.",
  ],
  flags: loadFlags,
  examples: [
    {
      text: "weir load http://localhost:8001/ -n 10000 -c 50",
      meaning: "10000 requests over 50 connections",
    },
    {
      text: "weir load http://localhost:8001/ --rate 500/s -d 30s --fail-if 'p99>200ms'",
      meaning: "500 requests a second for 30 s; exit 99 if one in a hundred takes longer",
    },
    {
      text: "weir load localhost 8001 /index.html 10 0.25",
      meaning: "10 requests, one every quarter of a second",
    },
    {
      text: "weir load http://localhost:8001/ --source 127.0.0.1-127.0.0.20 --json -",
      meaning: "as 20 clients, the result as JSON",
    },
    {
      text: "weir load --compare http://localhost:8001/ http://localhost:8002/ -d 5s",
      meaning: "seven rounds of each, in turn, and which is faster",
    },
  ],
  exitCodes: [
    [missedCode, "a condition of --fail-if was so"],
    [130, "stopped by Ctrl-C; what was done is reported"],
  ],
  run: runLoadCommand,
};

async function runLoadCommand(args: LoadArgs): Promise<number> {
  const job = readLoadJob(args);
  checkOutputs(args);
  leaveDeletedFolder();
  await checkSources(args.values.source ?? []);
  for (const note of job.notes) args.stderr.write(`weir: ${note}\n`);
  const stop = listenForStop();
  try {
    const isSingle = job.runs.length === 1 && job.rounds === 1;
    return await (isSingle ? runOnce(job, args, stop) : runRounds(job, args, stop));
  } finally {
    stop.release();
  }
}

async function checkSources(sources: readonly string[]): Promise<void> {
  const unknown = await findUnknownSource(sources);
  if (unknown === undefined) return;
  const remedy = "give one that it has, or add this one to an interface first";
  throw new OperationError(`${describeUnknownSource(unknown)}; ${remedy}`);
}

async function runOnce(job: LoadJob, args: LoadArgs, stop: StopSignal): Promise<number> {
  const result = await runShown(job.runs[0]!, args, stop);
  await writeLoadResult(result, job, args);
  return stop.exitCode() ?? judge([result], args);
}

/** In turn, A B A B: what else the machine does then meets both alike. */
async function runRounds(job: LoadJob, args: LoadArgs, stop: StopSignal): Promise<number> {
  const roundsByUrl = job.runs.map((): LoadResult[] => []);
  for (let round = 1; round <= job.rounds && !stop.signal.aborted; round++) {
    for (const [index, run] of job.runs.entries()) {
      const result = await runShown(run, args, stop);
      // Half a round is no round.
      if (stop.signal.aborted) break;
      roundsByUrl[index]!.push(result);
      const name = job.runs.length === 1 ? "" : ` of ${"AB"[index]}`;
      writeRound(result, `round ${round}${name}`, args);
    }
  }
  await writeRounds(roundsByUrl, args);
  return stop.exitCode() ?? judge(roundsByUrl.flat(), args);
}

async function runShown(
  options: LoadOptions,
  { stderr }: LoadArgs,
  { signal }: StopSignal,
): Promise<LoadResult> {
  const view = stderr.isTTY === true ? await openView(stderr) : undefined;
  try {
    return await runLoad({ ...options, signal, ...(view && { onLive: view.draw }) });
  } finally {
    view?.erase();
  }
}

async function openView(stderr: LoadArgs["stderr"]): Promise<LiveView | undefined> {
  const { formatLiveView } = await import("../report/live-view.ts");
  return startLiveView(stderr, formatLiveView);
}

/** The exit code for results that are whole; says why it is not 0. */
function judge(results: readonly LoadResult[], { values, stderr }: LoadArgs): number {
  const missed = results.flatMap((result) => findMissed(values.failIf ?? [], result));
  for (const line of missed) stderr.write(`weir: missed ${line}\n`);
  const unanswered = results.find(({ answered }) => answered === 0);
  const faults = [
    ...(unanswered ? [explainNoAnswer(unanswered)] : []),
    ...results.flatMap(({ bodies }) =>
      bodies !== undefined && bodies.distinct > 1 ? explainBodies(bodies.distinct) : [],
    ),
  ];
  if (missed.length > 0) {
    for (const fault of faults) stderr.write(`weir: ${fault}\n`);
    return missedCode;
  }
  if (faults[0] !== undefined) throw new OperationError(faults[0]);
  return 0;
}

function explainNoAnswer({ plan, failuresByReason }: LoadResult): string {
  const [example] = Object.values(failuresByReason).map((failure) => failure.example);
  const why = example ?? "none was due before the end";
  return `no request to ${quote(plan.urls[0]!)} got an answer: ${why}`;
}

function explainBodies(distinctCount: number): string {
  return `the answers to one URL had ${distinctCount} different bodies`;
}
