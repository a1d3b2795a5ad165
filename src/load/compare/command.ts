// `weir compare`: shows two saved load results side by side, and whether they differ beyond noise.

import { OperationError } from "../../base/operation-error.ts";
import type { Command, CommandArgs } from "../../cli/command.ts";
import { checkWritable, chooseTextOutput, readInput, writeResult } from "../../cli/places.ts";
import type { FlagTable } from "../../config/flag.ts";
import { parsePath } from "../../config/quantity.ts";
import { quote, UsageError } from "../../config/usage-error.ts";
import { parseSavedResults, type SavedResults } from "../report/saved-results.ts";
import type { LoadResult } from "../result.ts";
import { formatComparison, formatComparisonJson } from "./text.ts";

const compareFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the comparison as JSON into a file, or to stdout",
  },
] as const satisfies FlagTable;

type CompareArgs = CommandArgs<typeof compareFlags>;

const TWO_FILES = "give two files that weir load --json has saved";

interface Series {
  readonly name: string;
  readonly rounds: readonly LoadResult[];
}

export const compareCommand: Command<typeof compareFlags> = {
  name: "compare",
  summary: "say whether two saved load results differ beyond noise",
  usage: ["compare A.json B.json [options]", "compare PAIR.json [options]"],
  details: [
    "The files are what weir load --json has saved. Each figure is the median of the rounds; the " +
      "effect is the Hodges-Lehmann estimate of B / A, with an exact 95 % interval. A difference is " +
      "beyond noise when the interval excludes that there is none.",
    "Requests within one run are not independent, so one run each shows nothing, and weir claims " +
      "nothing: save several rounds with weir load URL --rounds 7 --json FILE, or let weir load " +
      "--compare URL URL --json FILE run both in turn.",
  ],
  flags: compareFlags,
  examples: [
    { text: "weir load http://localhost:8001/ --rounds 7 --json a.json", meaning: "save seven" },
    { text: "weir compare a.json b.json", meaning: "compare them with those of another day" },
    { text: "weir compare pair.json", meaning: "what weir load --compare has saved" },
  ],
  run: runCompareCommand,
};

function runCompareCommand(args: CompareArgs): number {
  const { values, stdout, stderr, positionals } = args;
  checkWritable(values.json);
  const [a, b] = readSeries(positionals);
  const names = [a.name, b.name] as const;
  chooseTextOutput(values.json, { stdout, stderr }).write(
    formatComparison(a.rounds, b.rounds, names),
  );
  if (values.json !== undefined) {
    writeResult(values.json, formatComparisonJson(a.rounds, b.rounds, names), stdout);
  }
  return 0;
}

function readSeries(files: readonly string[]): readonly [Series, Series] {
  const [first, second, surplus] = files;
  if (first === undefined) throw new UsageError(`no results to compare: ${TWO_FILES}`);
  const empty = files.find((file) => file === "");
  if (empty !== undefined) throw new UsageError(`cannot compare "": ${TWO_FILES}`);
  if (surplus !== undefined) {
    throw new UsageError(`cannot compare ${quote(surplus)} too: ${TWO_FILES}`);
  }
  if (second === undefined) return readPair(first);
  return [readRounds(first), readRounds(second)];
}

function readPair(file: string): readonly [Series, Series] {
  const saved = readSaved(file);
  if (saved.kind !== "pair") {
    throw new UsageError(`cannot compare ${quote(file)} alone, it holds one result: ${TWO_FILES}`);
  }
  const [a, b] = [saved.a, saved.b].map((rounds) => {
    const url = rounds[0]?.plan.urls?.[0];
    return { name: typeof url === "string" ? url : file, rounds };
  });
  return [a!, b!];
}

function readRounds(file: string): Series {
  const saved = readSaved(file);
  if (saved.kind === "pair") {
    const why = "it holds two results already; give it alone";
    throw new UsageError(`cannot compare ${quote(file)} with another: ${why}`);
  }
  return { name: file, rounds: saved.rounds };
}

function readSaved(file: string): Exclude<SavedResults, { kind: "invalid" }> {
  const saved = parseSavedResults(readInput(file).toString("utf8"));
  if (saved.kind === "invalid") {
    throw new OperationError(`cannot compare ${quote(file)}: ${saved.why}`);
  }
  return saved;
}
