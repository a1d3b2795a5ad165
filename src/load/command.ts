// `weir load`: runs what was asked for, shows its progress on a terminal, and writes the results
// wherever the flags say. The positional form is that of the ancestor's request tester and prints its
// lines; the URL form reports more. What was typed is read in command-args.ts.

import { OperationError } from "../base/operation-error.ts";
import type { Command } from "../cli/command.ts";
import { listenForStop, type StopSignal } from "../cli/early-end.ts";
import { checkWritable, chooseTextOutput, leaveDeletedFolder, writeResult } from "../cli/places.ts";
import { quote } from "../config/usage-error.ts";
import {
  type LoadArgs,
  type LoadJob,
  OPEN_CONNECTION_COUNT_MAX,
  readLoadJob,
} from "./command-args.ts";
import { loadFlags } from "./flags.ts";
import { type LiveView, startLiveView } from "./report/live-view.ts";
import {
  formatLoadCsv,
  formatLoadJson,
  PAIR_SCHEMA,
  ROUNDS_SCHEMA,
} from "./report/saved-results.ts";
import { formatLoadLines, formatLoadSummary } from "./report/text.ts";
import { describeUnknownSource } from "./request-outcome.ts";
import type { LoadResult } from "./result.ts";
import { type LoadOptions, runLoad } from "./run.ts";
import { findUnknownSource } from "./sockets.ts";
import { findMissed } from "./threshold.ts";

const MISSED_CODE = 99;

export const loadCommand: Command<typeof loadFlags> = {
  name: "load",
  summary: "send many requests to a server and report what came back",
  usage: [
    "load URL [options]",
    "load HOST PORT PATH COUNT [DELAY] [options]",
    "load --compare URL URL [options]",
  ],
  details: [
    "With a URL, weir sends --requests over --connections that stay open; each sends its next request " +
      "when the last one is answered. With --rate, requests are due by a schedule instead, whether or " +
      "not answers come, and latencies count from when they were due: a server that stalls cannot " +
      "hide it.",
    "With HOST PORT PATH COUNT, weir sends COUNT requests at once, each on its own connection, or one " +
      `every DELAY seconds. At most ${OPEN_CONNECTION_COUNT_MAX} are on their way at any moment.`,
    "429 is the server's limit at work: weir counts it apart from errors, and as failed in the lines " +
      "of the second form. It checks what the server says about its limit; --polite obeys it.",
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
    [MISSED_CODE, "a condition of --fail-if was true"],
    [130, "stopped by Ctrl-C; weir reports what it did until then"],
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
  const remedy = "give an address that it has, or add this one to an interface first";
  throw new OperationError(`${describeUnknownSource(unknown)}; ${remedy}`);
}

async function runOnce(job: LoadJob, args: LoadArgs, stop: StopSignal): Promise<number> {
  const result = await runShown(job.runs[0]!, args, stop);
  await writeLoadResult(result, job, args);
  return stop.exitCode() ?? judge([result], args);
}

/** Runs the rounds in turn, A B A B, so that whatever else the machine does affects both alike. */
async function runRounds(job: LoadJob, args: LoadArgs, stop: StopSignal): Promise<number> {
  const roundsByUrl = job.runs.map((): LoadResult[] => []);
  for (let round = 1; round <= job.rounds && !stop.signal.aborted; round++) {
    for (const [index, run] of job.runs.entries()) {
      const result = await runShown(run, args, stop);
      // Half a round is not a round.
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
  const { formatLiveView } = await import("./report/live-view.ts");
  return startLiveView(stderr, formatLiveView);
}

/** The exit code for complete results; prints the reason when it is not 0. */
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
    return MISSED_CODE;
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

/** Called before the run, so that a person learns early that the result could not be kept. */
function checkOutputs({ values }: LoadArgs): void {
  for (const file of [values.json, values.csv, values.report]) checkWritable(file);
}

/** Writes one run in every form that was asked for. */
async function writeLoadResult(
  result: LoadResult,
  { form }: LoadJob,
  args: LoadArgs,
): Promise<void> {
  const { values, stdout } = args;
  const format = form === "lines" ? formatLoadLines : formatLoadSummary;
  chooseText(args).write(format(result));
  if (values.json !== undefined) writeResult(values.json, formatLoadJson(result), stdout);
  if (values.csv !== undefined) writeResult(values.csv, formatLoadCsv(result), stdout);
  if (values.report !== undefined) {
    const { formatLoadPage } = await import("./report/html.ts");
    writeResult(values.report, formatLoadPage(result), stdout);
  }
}

/** Prints one line for a finished round. */
function writeRound(result: LoadResult, name: string, args: LoadArgs): void {
  const { rate, latencyMs, failed, refused } = result;
  const facts = [
    `${rate.achieved.toFixed(2)}/s`,
    latencyMs.all && `p50 ${latencyMs.all.p50.toFixed(2)} ms`,
    latencyMs.all && `p99 ${latencyMs.all.p99.toFixed(2)} ms`,
    refused > 0 && `${refused} refused`,
    failed > 0 && `${failed} errors`,
  ];
  chooseText(args).write(`${name}: ${facts.filter(Boolean).join(", ")}\n`);
}

/** Writes the rounds of one URL, or those of two URLs and their comparison. */
async function writeRounds(
  roundsByUrl: readonly (readonly LoadResult[])[],
  args: LoadArgs,
): Promise<void> {
  const { values, stdout, positionals } = args;
  const saved = roundsByUrl.map((rounds) => ({ schema: ROUNDS_SCHEMA, rounds }));
  const [a, b] = roundsByUrl;
  if (a !== undefined && b !== undefined && a.length > 0 && b.length > 0) {
    const { formatComparison } = await import("./compare/text.ts");
    const names = [positionals[0]!, positionals[1]!] as [string, string];
    chooseText(args).write(formatComparison(a, b, names));
  }
  if (values.json === undefined) return;
  const whole = values.compare ? { schema: PAIR_SCHEMA, a: saved[0], b: saved[1] } : saved[0];
  writeResult(values.json, `${JSON.stringify(whole, undefined, 2)}\n`, stdout);
}

/** A program reads a result on stdout, so the text goes to stderr then. */
function chooseText(args: LoadArgs) {
  const { json, csv, report } = args.values;
  return chooseTextOutput([json, csv, report].includes("-") ? "-" : undefined, args);
}
