// The command line of test/run.ts.

import { parseArgs } from "node:util";

export const USAGE = `Usage: npm test -- [options] [PATH...]

Runs the tests that need no other program and no long wait. PATH is a test file, or a folder
of them; what is named so is run whatever it needs.

  --full          only the tests of files that end in .full.test.ts (npm run test:full)
  --all           all tests (npm run test:all)
  --name TEXT     only tests with TEXT in their names
  --processes N   run N files at a time [default: two for each CPU]
  --bound S       stop a process of tests after S seconds [default: 900]
  --help          print this
`;

/** Which files are run where no path is given. */
export type Selection = "quick" | "full" | "all";

export interface RunArguments {
  readonly selection: Selection;
  /** Files and folders as they were given. */
  readonly paths: readonly string[];
  readonly name: string | undefined;
  readonly processCount: number | undefined;
  /** The most that one process of tests may take. */
  readonly batchMsMax: number;
  readonly wantsHelp: boolean;
}

/** Ends what hangs. The longest file takes a minute on a quiet machine, and ten on a very slow one. */
const BOUND_SECONDS = 900;

/** Throws with one line for the person who gave wrong arguments. */
export function parseRunArguments(args: readonly string[]): RunArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      full: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      name: { type: "string" },
      processes: { type: "string" },
      bound: { type: "string", default: String(BOUND_SECONDS) },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return {
    selection: values.all ? "all" : values.full ? "full" : "quick",
    paths: positionals,
    name: values.name,
    processCount:
      values.processes === undefined ? undefined : parseCount("processes", values.processes),
    batchMsMax: parseCount("bound", values.bound) * 1000,
    wantsHelp: values.help,
  };
}

function parseCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`cannot use "${text}" for --${name}: give a whole number from 1 up`);
}
