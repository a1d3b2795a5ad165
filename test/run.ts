// `npm test`, `npm run test:full`, `npm run test:all`: runs tests in several processes at a time, shows how
// far it is, and tells at the end what failed, what was skipped and what was left out.

import { availableParallelism } from "node:os";
import process from "node:process";
import { makeBatches } from "./runner/batch.ts";
import { chooseFiles, findTestFiles } from "./runner/choose-files.ts";
import { Progress } from "./runner/progress.ts";
import { parseRunArguments, type RunArguments, USAGE } from "./runner/run-arguments.ts";
import { runBatches } from "./runner/run-batches.ts";
import { formatSummary, outcomeOf } from "./runner/summary.ts";

/** Most tests wait most of the time. */
const PROCESSES_PER_CPU = 2;

async function main(): Promise<number> {
  const options = parseRunArguments(process.argv.slice(2));
  if (options.wantsHelp) {
    process.stdout.write(USAGE);
    return 0;
  }
  return runTests(options);
}

async function runTests(options: RunArguments): Promise<number> {
  const startMs = performance.now();
  const { files, leftOut } = chooseFiles(findTestFiles(process.cwd()), options);
  const batches = makeBatches(files);
  const progress = new Progress(process.stdout, batches.length);
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interruption.abort());
  }
  const results = await runBatches(batches, {
    processCount: options.processCount ?? PROCESSES_PER_CPU * availableParallelism(),
    batchMsMax: options.batchMsMax,
    name: options.name,
    stop: interruption.signal,
    onChange: (state) => progress.show(state),
    onEnd: (result, state) => progress.tellEnd(result, state),
  });
  progress.clear();
  const isStopped = interruption.signal.aborted;
  const durationMs = performance.now() - startMs;
  process.stdout.write(formatSummary(results, { leftOut, durationMs, isStopped, options }));
  return isStopped ? 130 : outcomeOf(results) === "passed" ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
