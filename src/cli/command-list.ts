// The commands by name. The code of a command is loaded only when somebody asks for that command, so that
// `weir serve` never pays for the load client. A new command is one line here. Used by main.ts.

import { findNearestName, quote, UsageError } from "../config/usage-error.ts";
import type { Command } from "./command.ts";
import { hasFlag } from "./parse-args.ts";

type CommandLoader = () => Promise<Command>;

export const commandLoaders: ReadonlyMap<string, CommandLoader> = new Map<string, CommandLoader>([
  ["serve", async () => (await import("../serve/command.ts")).serveCommand],
  ["load", async () => (await import("../load/command.ts")).loadCommand],
  ["get", async () => (await import("../get/command.ts")).getCommand],
  ["compare", async () => (await import("../load/compare/command.ts")).compareCommand],
  ["hits", async () => (await import("../hits/command.ts")).hitsCommand],
  ["lab", async () => (await import("../lab/command.ts")).labCommand],
]);

/** All commands, in the order of the help. */
export async function loadCommands(): Promise<Command[]> {
  return await Promise.all([...commandLoaders.values()].map((load) => load()));
}

/** What the first word on the command line asks for. */
export type Choice =
  | { readonly kind: "help"; readonly args: readonly string[] }
  | { readonly kind: "run"; readonly name: string; readonly args: readonly string[] }
  /** `weir DIR` and `weir --flags` mean `weir serve`. */
  | { readonly kind: "implied"; readonly name: "serve"; readonly args: readonly string[] }
  | { readonly kind: "unknown"; readonly word: string };

/** `isThere` says whether a path exists: an unknown word may still be a folder to serve. */
export function chooseCommand(argv: readonly string[], isThere: (path: string) => boolean): Choice {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: "implied", name: "serve", args: argv };
  if (["help", "--help", "-h"].includes(first)) return { kind: "help", args: rest };
  if (commandLoaders.has(first)) return { kind: "run", name: first, args: rest };
  const isWord = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(first);
  if (isWord && !isThere(first)) return { kind: "unknown", word: first };
  return { kind: "implied", name: "serve", args: argv };
}

/** The error for a word that is no command; `what` is what it might have been. */
export function unknownCommand(what: string, word: string): UsageError {
  const names = [...commandLoaders.keys()];
  const nearest = findNearestName(word, [...names, "help"]);
  const advice = nearest ? `did you mean weir ${nearest}?` : `the commands are ${names.join(", ")}`;
  return new UsageError(`unknown ${what} ${quote(word)}: ${advice}`);
}

/** The error for a flag that is not one of the command's, if another command has it: it names that one. */
export async function findFlagOwners(spelling: string): Promise<UsageError | undefined> {
  const commands = await loadCommands();
  const owners = commands.filter(({ flags }) => hasFlag(flags, spelling));
  if (owners.length === 0) return undefined;
  const names = owners.map(({ name }) => `weir ${name}`).join(" and ");
  return new UsageError(`unknown flag ${quote(spelling)}: it belongs to ${names}`);
}
