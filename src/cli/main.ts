// The entry of the program, called by bin/weir.js: chooses the command, settles its values, runs it,
// and reports every error. Nothing else in src/cli touches `process`.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { readProgramVersion } from "../base/program-version.ts";
import { type ConfigFile, readConfigFile } from "../config/config-file.ts";
import { originRemark, quote, UsageError } from "../config/usage-error.ts";
import { endWithoutWaiting, ignoreHangUpElsewhere, takeSignals } from "../serve/process-signals.ts";
import type { Command, Output } from "./command.ts";
import { type Choice, chooseCommand, commandLoaders, unknownCommand } from "./command-list.ts";
import { OutputWatch } from "./early-end.ts";
import { formatCommandHelp, formatOverview } from "./help.ts";
import { parseTypedArgs, type TypedArgs } from "./parse-args.ts";
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
  // Before anything that takes time, and long before anything listens.
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

async function runChoice(choice: Choice, outputs: OutputWatch): Promise<number> {
  if (choice.kind === "unknown") throw unknownCommand("command or folder", choice.word);
  if (choice.kind === "help") return await printHelp(choice.args[0]);
  const command = await commandLoaders.get(choice.name)!();
  const typed = parseTypedArgs(choice.args, command.flags);
  if (typed.asksHelp) return await printHelp(choice.kind === "run" ? choice.name : undefined);
  if (typed.asksVersion) return printVersion();
  if (choice.kind === "implied") checkCommandOrder(typed.positionals[0]);
  if (command.outlivesOutput) outputs.ignore();
  return await runCommand(command, typed);
}

function runCommand(command: Command, typed: TypedArgs): number | Promise<number> {
  const { env, stdout, stderr } = process;
  const { flags, configPositional } = command;
  const warn = (line: string) => stderr.write(`weir: ${line}\n`);
  for (const line of describeUnknownVariables(flags, env)) warn(line);
  const file = readNamedConfig(command, typed);
  const sources = {
    typed: typed.flags,
    env,
    file,
    currentDir: readCurrentFolder(env),
    warn,
  };
  const settled = settleValues(flags, sources);
  const { values } = settled;
  const origins = { ...settled.origins };
  let { positionals } = typed;
  const ofFile = configPositional && file?.texts.get(configPositional);
  if (file && ofFile && positionals.length === 0) {
    positionals = [resolve(file.baseDir, ofFile)];
    origins[configPositional] = {
      kind: "file",
      text: `${quote(configPositional)} in ${quote(file.path)}`,
    };
  }
  const configFile = file && resolve(file.path);
  return command.run({ values, origins, positionals, env, configFile, stdout, stderr });
}

/** The config file that --config or its variable names, or the default one; a command may take none. */
function readNamedConfig(
  { flags, configPositional }: Command,
  typed: TypedArgs,
): ConfigFile | undefined {
  const flag = flags.find(({ name }) => name === "config");
  if (flag === undefined) return undefined;
  const names = listConfigNames(flags, configPositional);
  const typedPath = typed.flags.get(flag.name)?.text;
  if (typedPath !== undefined) return readConfigFile(typedPath, names);
  const path = readVariable(process.env, flag.env);
  return readConfigFile(path, names, path && originRemark(variableOrigin(flag)));
}

/** `weir --port 80 load …` would else complain about a folder of that name. */
function checkCommandOrder(positional: string | undefined): void {
  if (positional === undefined || !commandLoaders.has(positional)) return;
  if (existsSync(positional)) return;
  const form = `weir ${positional} …`;
  throw new UsageError(`unknown folder ${quote(positional)}: a command comes first, as in ${form}`);
}

async function printHelp(name: string | undefined): Promise<number> {
  const style = { isColored: process.stdout.isTTY && !process.env.NO_COLOR };
  if (name === undefined || name === "help") {
    const commands = await Promise.all([...commandLoaders.values()].map((load) => load()));
    process.stdout.write(formatOverview(commands, readProgramVersion(), style));
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

// Turns an error into lines on stderr and an exit code. Called by main.ts only, as the last resort of
// every command; a stack is shown only to who asks for it with WEIR_DEBUG=1.

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
