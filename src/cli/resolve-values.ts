// Settles the value of every flag of a command: what was typed wins over the environment, over the
// config file, over the default. All four are texts, read by the same parser. Called by main.ts.

import type { ConfigFile, ConfigName } from "../config/config-file.ts";
import { parseValue, quote } from "../config/usage-error.ts";
import { type Flag, type FlagTable, type FlagValues, isSwitch } from "./flag.ts";
import type { TypedFlag } from "./parse-args.ts";

export interface ValueSources {
  readonly typed: ReadonlyMap<string, TypedFlag>;
  readonly env: NodeJS.ProcessEnv;
  readonly file: ConfigFile | undefined;
  /** Absolute folder that typed relative paths start from. */
  readonly currentDir: string;
}

interface Candidate {
  readonly text: string;
  readonly baseDir: string;
  /** What the value was meant for, in messages. */
  readonly target: string;
}

/** Throws UsageError for the first value that is not allowed. A value that loses is not read. */
export function resolveValues<T extends FlagTable>(table: T, sources: ValueSources): FlagValues<T> {
  const values: Record<string, unknown> = {};
  for (const flag of table) {
    const chosen = chooseText(flag, sources);
    values[flag.name] =
      chosen && parseValue(chosen.target, chosen.text, (text) => flag.parse(text, chosen.baseDir));
  }
  return Object.freeze(values) as FlagValues<T>;
}

function chooseText(flag: Flag, sources: ValueSources): Candidate | undefined {
  const { typed, env, file, currentDir: baseDir } = sources;
  const typedFlag = typed.get(flag.name);
  if (typedFlag) return { text: typedFlag.text, baseDir, target: typedFlag.spelling };
  // An empty variable is how compose files and CI leave one unset.
  const envText = flag.env && env[flag.env];
  if (envText) return { text: envText, baseDir, target: `${flag.env} in the environment` };
  const fileText = file?.texts.get(flag.name);
  if (file && fileText !== undefined) {
    const target = `${quote(flag.name)} in ${quote(file.path)}`;
    return { text: fileText, baseDir: file.baseDir, target };
  }
  const { fallback: text } = flag;
  return text === undefined ? undefined : { text, baseDir, target: `--${flag.name} (default)` };
}

/** The names a config file may hold for this table; `config` itself is not one of them. */
export function listConfigNames(table: FlagTable, positional: string | undefined): ConfigName[] {
  const names: ConfigName[] = table
    .filter((flag) => flag.name !== "config")
    .map((flag) => ({
      name: flag.name,
      json: isSwitch(flag) ? "switch" : (flag.json ?? "string"),
    }));
  return positional === undefined ? names : [{ name: positional, json: "string" }, ...names];
}
