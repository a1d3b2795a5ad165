// `weir lab`: chooses the experiments, runs them one after the other, and prints each when it is done.
// Two at once would measure each other. Its servers and its folder are gone when it ends, also after
// Ctrl-C.

import { availableParallelism } from "node:os";
import { systemClock } from "../base/clock.ts";
import type { Command, CommandArgs, Output } from "../cli/command.ts";
import { runUntilStopped } from "../cli/early-end.ts";
import { checkWritable, chooseTextOutput, leaveDeletedFolder, writeResult } from "../cli/places.ts";
import type { FlagTable } from "../config/flag.ts";
import { parsePath } from "../config/quantity.ts";
import { findNearestName, quote, UsageError } from "../config/usage-error.ts";
import { runConcurrencyExperiment } from "./concurrency-experiment.ts";
import { runCounterExperiment } from "./counter-experiment.ts";
import { runLimitExperiment } from "./limit-experiment.ts";
import { formatLabPage } from "./report/html.ts";
import { formatExperiment, formatLabJson } from "./report/text.ts";
import {
  EXPERIMENT_NAMES,
  type ExperimentName,
  type ExperimentResult,
  type LabResult,
} from "./result.ts";
import { type LabSurroundings, withLabFolder } from "./server.ts";

type LabArgs = CommandArgs<typeof labFlags>;

const labFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the results as JSON into a file, or to stdout",
  },
  {
    name: "report",
    kind: "file",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the results as one HTML page with plots",
  },
] as const satisfies FlagTable;

export const labCommand: Command<typeof labFlags> = {
  name: "lab",
  summary: "measure what weir claims, on servers that it starts itself",
  usage: [`lab [${EXPERIMENT_NAMES.join("|")}] [options]`],
  details: [
    "concurrency: 1 to 50 requests at once, of 0.5 s of work each, against a server that answers one " +
      "at a time and one that answers them together.",
    "counter: 1 to 8 threads that add to one number, by a plain read and write and by an atomic " +
      "addition; then weir's own count of hits.",
    "limit: 200 requests at once; requests that keep their distance, just under and just over the " +
      "limit; a spamming client next to a polite one.",
    "Without a name weir runs all three, in about 45 seconds. The servers listen on free ports " +
      "of 127.0.0.1 and stop at the end.",
  ],
  flags: labFlags,
  examples: [
    { text: "weir lab", meaning: "all experiments" },
    { text: "weir lab limit --json -", meaning: "one of them, the results as JSON" },
    { text: "weir lab --report lab.html", meaning: "all, as one page with plots" },
  ],
  exitCodes: [
    [0, "all results agree with theory"],
    [1, "a result contradicts theory, or a server could not be started"],
    [130, "stopped by Ctrl-C"],
  ],
  run: runLabCommand,
};

function runLabCommand(args: LabArgs): Promise<number> {
  const { values, stdout, stderr } = args;
  const names = chooseExperiments(args.positionals);
  for (const file of [values.json, values.report]) checkWritable(file);
  leaveDeletedFolder();
  // A program reads whatever goes to standard output.
  const piped = [values.json, values.report].find((file) => file === "-");
  const textOutput = chooseTextOutput(piped, { stdout, stderr });
  return runUntilStopped(async (signal) => {
    const result = await runLab({
      names,
      signal,
      onStart: (name) => {
        if (stderr.isTTY) stderr.write(`weir: running ${name}…\n`);
      },
      onResult: (experiment) => printExperiment(experiment, textOutput, args),
    });
    if (values.json !== undefined) writeResult(values.json, formatLabJson(result), stdout);
    if (values.report !== undefined) writeResult(values.report, formatLabPage(result), stdout);
    return judge(result, stderr);
  });
}

function chooseExperiments(positionals: readonly string[]): readonly ExperimentName[] {
  const [name, surplus] = positionals;
  if (name === undefined) return EXPERIMENT_NAMES;
  const allowed = `give one of ${EXPERIMENT_NAMES.join(", ")}, or none for all`;
  if (surplus !== undefined) {
    throw new UsageError(`cannot run ${quote(surplus)} as well as ${quote(name)}: ${allowed}`);
  }
  const chosen = EXPERIMENT_NAMES.find((known) => known === name);
  if (chosen === undefined) {
    const nearest = findNearestName(name, EXPERIMENT_NAMES);
    const advice = nearest === undefined ? allowed : `did you mean ${nearest}? (${allowed})`;
    throw new UsageError(`unknown experiment ${quote(name)}: ${advice}`);
  }
  return [chosen];
}

function printExperiment(result: ExperimentResult, output: Output, { env }: LabArgs): void {
  const isColored = output.isTTY === true && !env.NO_COLOR;
  output.write(`${formatExperiment(result, { isColored })}\n`);
}

function judge({ experiments }: LabResult, stderr: Output): number {
  const contradicted = experiments
    .filter(({ checks }) => checks.some(({ holds }) => !holds))
    .map(({ name }) => name);
  if (contradicted.length === 0) return 0;
  stderr.write(`weir: results that contradict theory: ${contradicted.join(", ")}\n`);
  return 1;
}

interface LabOptions {
  readonly names: readonly ExperimentName[];
  /** Ends the lab: the servers stop, and the run rejects with the reason of the signal. */
  readonly signal: AbortSignal;
  readonly onStart: (name: ExperimentName) => void;
  readonly onResult: (result: ExperimentResult) => void;
}

type Experiment = (surroundings: LabSurroundings) => Promise<ExperimentResult>;

const EXPERIMENTS: Readonly<Record<ExperimentName, Experiment>> = {
  concurrency: runConcurrencyExperiment,
  counter: runCounterExperiment,
  limit: runLimitExperiment,
};

/** @throws OperationError when a server cannot be started */
async function runLab({ names, signal, onStart, onResult }: LabOptions): Promise<LabResult> {
  const startedWallMs = systemClock.wallMs();
  const results: ExperimentResult[] = [];
  await withLabFolder(async (folder) => {
    for (const name of names) {
      onStart(name);
      const result = await EXPERIMENTS[name]({ folder, signal });
      onResult(result);
      results.push(result);
    }
  });
  return {
    machine: {
      cores: availableParallelism(),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
    started: new Date(startedWallMs).toISOString(),
    finished: new Date(systemClock.wallMs()).toISOString(),
    experiments: results,
  };
}
