// Writes what a load run has found, wherever the flags say: text for people, JSON, CSV and the HTML
// page. Used by load-command.ts.

import type { LoadResult } from "../load/load-result.ts";
import { formatLoadJson } from "../report/load-json.ts";
import { formatLoadLines, formatLoadSummary } from "../report/load-text.ts";
import { pairSchema, roundsSchema } from "../report/saved-results.ts";
import type { LoadArgs, LoadJob } from "./load-job.ts";
import { checkWritable, chooseTextOutput, writeResult } from "./result-file.ts";

/** Before the run: nobody wants to learn afterwards that its result cannot be kept. */
export function checkOutputs({ values }: LoadArgs): void {
  for (const file of [values.json, values.csv, values.report]) checkWritable(file);
}

/** One run: every form that was asked for. */
export async function writeLoadResult(
  result: LoadResult,
  { form }: LoadJob,
  args: LoadArgs,
): Promise<void> {
  const { values, stdout } = args;
  const format = form === "lines" ? formatLoadLines : formatLoadSummary;
  chooseText(args).write(format(result));
  if (values.json !== undefined) writeResult(values.json, formatLoadJson(result), stdout);
  if (values.csv !== undefined) {
    const { formatLoadCsv } = await import("../report/load-csv.ts");
    writeResult(values.csv, formatLoadCsv(result), stdout);
  }
  if (values.report !== undefined) {
    const { formatLoadPage } = await import("../report/load-html.ts");
    writeResult(values.report, formatLoadPage(result), stdout);
  }
}

/** A line for a round that is over. */
export function writeRound(result: LoadResult, name: string, args: LoadArgs): void {
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

/** The rounds of one URL, or of two with what comparing them tells. */
export async function writeRounds(
  roundsByUrl: readonly (readonly LoadResult[])[],
  args: LoadArgs,
): Promise<void> {
  const { values, stdout, positionals } = args;
  const saved = roundsByUrl.map((rounds) => ({ schema: roundsSchema, rounds }));
  const [a, b] = roundsByUrl;
  if (a !== undefined && b !== undefined && a.length > 0 && b.length > 0) {
    const { formatComparison } = await import("../report/compare-text.ts");
    const names = [positionals[0]!, positionals[1]!] as [string, string];
    chooseText(args).write(formatComparison(a, b, names));
  }
  if (values.json === undefined) return;
  const whole = values.compare ? { schema: pairSchema, a: saved[0], b: saved[1] } : saved[0];
  writeResult(values.json, `${JSON.stringify(whole, undefined, 2)}\n`, stdout);
}

/** Whoever asks for a result on stdout reads it with a program. */
function chooseText(args: LoadArgs) {
  const { json, csv, report } = args.values;
  return chooseTextOutput([json, csv, report].includes("-") ? "-" : undefined, args);
}
