// The entry of the program, called by bin/weir.js: chooses the command, reads what was typed, settles the
// values, runs the command, and prints every error. Nothing else in src/cli but early-end.ts and places.ts
// touches `process`.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { readProgramVersion } from "../base/program-version.ts";
import { type ConfigFile, readConfigFile } from "../config/config-file.ts";
import type { FlagTable } from "../config/flag.ts";
import { originRemark, quote, UsageError } from "../config/usage-error.ts";
import { endWithoutWaiting, ignoreHangUpElsewhere, takeSignals } from "../serve/process-signals.ts";
import type { Command, CommandArgs, Output } from "./command.ts";
import {
  type Choice,
  chooseCommand,
  commandLoaders,
  findFlagOwners,
  loadCommands,
  unknownCommand,
} from "./command-list.ts";
import { OutputWatch } from "./early-end.ts";
import { formatCommandHelp, formatOverview } from "./help.ts";
import { parseTypedArgs, type TypedArgs, UnknownFlagError } from "./parse-args.ts";
import { readCurrentFolder } from "./places.ts";
import {
  describeUnknownVariables,
  listConfigNames,
  readVariable,
  settleValues,
  variableOrigin,
} from "./resolve-values.ts";

/** Resolves with the exit code; never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  const choice = chooseCommand(argv, existsSync);
  // This comes before anything that takes time, and long before anything listens.
  if ("name" in choice && choice.name === "serve") takeSignals();
  else ignoreHangUpElsewhere();
  const outputs = new OutputWatch();
  const helpPage = "name" in choice ? `weir ${choice.name} --help` : "weir help";
  const showsStack = process.env.WEIR_DEBUG === "1";
  const report = (error: unknown) =>
    reportError(error, { helpPage, stderr: process.stderr, showsStack });
  process.on("uncaughtException", (error) => endWithoutWaiting(report(error)));
  try {
    const exitCode = await runChoice(choice, outputs);
    return outputs.exitCode ?? exitCode;
  } catch (error) {
    return outputs.exitCode ?? report(error);
  }
}

/** One call of the program, from the command line to the exit code. */
async function runChoice(choice: Choice, outputs: OutputWatch): Promise<number> {
  if (choice.kind === "unknown") throw unknownCommand("command or folder", choice.word);
  if (choice.kind === "help") return await printHelp(choice.args[0]);
  const command = await commandLoaders.get(choice.name)!();
  const typed = await readTyped(choice.args, command);
  if (typed.asksHelp) return await printHelp(choice.kind === "run" ? choice.name : undefined);
  if (typed.asksVersion) return printVersion();
  if (choice.kind === "implied") checkCommandOrder(typed.positionals[0]);
  if (command.outlivesOutput) outputs.ignore();
  const { env, stdout, stderr } = process;
  const settings = readSettings(command, typed, (line) => stderr.write(`weir: ${line}\n`));
  return await command.run({ ...settings, env, stdout, stderr });
}

async function readTyped(args: readonly string[], { flags }: Command): Promise<TypedArgs> {
  try {
    return parseTypedArgs(args, flags);
  } catch (error) {
    if (!(error instanceof UnknownFlagError)) throw error;
    throw (await findFlagOwners(error.spelling)) ?? error;
  }
}

type Settings = Pick<CommandArgs<FlagTable>, "values" | "origins" | "positionals" | "configFile">;

/** What was typed, with what the environment, the config file and the defaults add to it. */
function readSettings(
  command: Command,
  { flags: typed, positionals }: TypedArgs,
  warn: (line: string) => void,
): Settings {
  const { env } = process;
  const { flags, configPositional } = command;
  for (const line of describeUnknownVariables(flags, env)) warn(line);
  const file = readNamedConfig(command, typed);
  const currentDir = readCurrentFolder(env);
  const { values, origins } = settleValues(flags, { typed, env, file, currentDir, warn });
  if (file === undefined) return { values, origins, positionals };
  const configFile = resolve(file.path);
  const ofFile = configPositional && file.texts.get(configPositional);
  if (!ofFile || positionals.length > 0) return { values, origins, positionals, configFile };
  const text = `${quote(configPositional)} in ${quote(file.path)}`;
  return {
    values,
    origins: { ...origins, [configPositional]: { kind: "file", text } },
    positionals: [resolve(file.baseDir, ofFile)],
    configFile,
  };
}

/** The config file that --config or its variable names, or the default one. Not every command has one. */
function readNamedConfig(
  { flags, configPositional }: Command,
  typed: TypedArgs["flags"],
): ConfigFile | undefined {
  const flag = flags.find(({ name }) => name === "config");
  if (flag === undefined) return undefined;
  const names = listConfigNames(flags, configPositional);
  const typedPath = typed.get(flag.name)?.text;
  if (typedPath !== undefined) return readConfigFile(typedPath, names);
  const path = readVariable(process.env, flag.env);
  return readConfigFile(path, names, path && originRemark(variableOrigin(flag)));
}

/** Without this, `weir --port 80 load …` would complain about a folder of that name. */
function checkCommandOrder(positional: string | undefined): void {
  if (positional === undefined || !commandLoaders.has(positional)) return;
  if (existsSync(positional)) return;
  const form = `weir ${positional} …`;
  throw new UsageError(`unknown folder ${quote(positional)}: a command comes first, as in ${form}`);
}

async function printHelp(name: string | undefined): Promise<number> {
  const style = { isColored: process.stdout.isTTY && !process.env.NO_COLOR };
  if (name === undefined || name === "help") {
    process.stdout.write(formatOverview(await loadCommands(), readProgramVersion(), style));
    return 0;
  }
  const load = commandLoaders.get(name);
  if (load === undefined) throw unknownCommand("command", name);
  process.stdout.write(formatCommandHelp(await load(), style));
  return 0;
}

function printVersion(): number {
  process.stdout.write(`weir ${readProgramVersion()}\n`);
  return 0;
}

// Turns an error into lines on stderr and an exit code: the last resort of every command. A person sees a
// stack only with WEIR_DEBUG=1.

export interface ErrorContext {
  /** The page that explains the right usage: `weir serve --help`. */
  readonly helpPage: string;
  readonly stderr: Output;
  readonly showsStack: boolean;
}

/** Returns the exit code: 2 for wrong usage, else 1. */
export function reportError(error: unknown, context: ErrorContext): number {
  const { helpPage, stderr, showsStack } = context;
  if (error instanceof UsageError) {
    const advice = error.advice === undefined ? "" : ` (${error.advice})`;
    stderr.write(`weir: ${error.message}\nsee: ${helpPage}${advice}\n`);
    return 2;
  }
  if (error instanceof OperationError) {
    stderr.write(`weir: ${error.message}\n`);
    return 1;
  }
  const isError = error instanceof Error;
  const message = (isError ? error.message : String(error)).replace(/\p{Cc}+/gu, " ");
  stderr.write(
    `weir: internal error: ${message}\n` +
      "this is a defect of weir: please report it, with what WEIR_DEBUG=1 adds to these lines\n",
  );
  if (showsStack && isError) stderr.write(`${error.stack}\n`);
  return 1;
}
