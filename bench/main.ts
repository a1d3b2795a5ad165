// Measures what the README claims of weir's speed, against peers in the same run:
//
//   node bench/main.ts [--form short|full|smoke] [--json FILE] [--before REVISION] [ROW…]
//
// With --before, rows that measure weir measure its form at that revision in the same run, too.
// Exits 1 when a server answers wrongly or cannot be started, 2 when the arguments are wrong. A
// missed target is told and is no failure: it says something of weir, not of the run.

import { writeFileSync } from "node:fs";
import { OperationError } from "../src/base/operation-error.ts";
import { UsageError } from "../src/config/usage-error.ts";
import { findProgram } from "../test/fixtures/system-program.ts";
import { type BenchArguments, parseBenchArguments } from "./bench-arguments.ts";
import { readMachineFacts, readVersions } from "./machine-facts.ts";
import { type BenchJson, buildRowJson, type RowJson } from "./result-json.ts";
import { formatRow } from "./result-table.ts";
import { RowContext } from "./row-context.ts";
import { ROWS } from "./rows/row-list.ts";

async function main(): Promise<number> {
  try {
    await runRows(parseBenchArguments(process.argv.slice(2), ROWS));
    return 0;
  } catch (error) {
    if (!(error instanceof OperationError || error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function runRows({ form, jsonPath, before, rows }: BenchArguments): Promise<void> {
  requirePrograms("taskset", "wrk");
  const started = new Date().toISOString();
  const measured: RowJson[] = [];
  for (const row of rows) {
    const context = new RowContext(form, (line) => console.error(`bench: ${line}`), before);
    const interrupt = (): void => void context.close().finally(() => process.exit(130));
    process.once("SIGINT", interrupt);
    try {
      const result = await row.measure(context);
      console.log(formatRow(row, result));
      measured.push(buildRowJson(row, result));
    } finally {
      process.off("SIGINT", interrupt);
      await context.close();
    }
  }
  if (jsonPath === undefined) return;
  const facts = { machine: readMachineFacts(), versions: readVersions() };
  const json: BenchJson = {
    schema: "weir-bench/1",
    started,
    form: form.name,
    ...facts,
    rows: measured,
  };
  writeResult(jsonPath, json);
}

function requirePrograms(...names: string[]): void {
  const missing = names.find((name) => findProgram(name, process.env.PATH ?? "") === undefined);
  if (missing === undefined) return;
  throw new OperationError(`cannot run "${missing}": bench/set-up.sh installs what is needed`);
}

function writeResult(path: string, json: BenchJson): void {
  try {
    writeFileSync(path, `${JSON.stringify(json, undefined, 2)}\n`);
  } catch (error) {
    throw new OperationError(`cannot write "${path}": ${(error as Error).message}`);
  }
}

process.exitCode = await main();
