// Settles the value of every flag of a command: what was typed wins over the environment, which wins over
// the config file, which wins over the default. All four are texts, read by the same parser. Called by
// main.ts.

import type { ConfigFile, ConfigName } from "../config/config-file.ts";
import {
  type ConfigOf,
  type Flag,
  type FlagTable,
  isSwitch,
  keyOf,
  variableOf,
} from "../config/flag.ts";
import {
  findSlip,
  parseValue,
  quote,
  UsageError,
  type ValueOrigin,
  type ValueOrigins,
} from "../config/usage-error.ts";
import type { TypedFlag } from "./parse-args.ts";

export interface ValueSources {
  readonly typed: ReadonlyMap<string, TypedFlag>;
  readonly env: NodeJS.ProcessEnv;
  readonly file: ConfigFile | undefined;
  /** The absolute folder that relative paths start from if they are typed or in the environment. */
  readonly currentDir: string;
  /** Called with a line about a variable that is passed over. */
  readonly warn?: (line: string) => void;
}

interface Candidate {
  readonly text: string;
  readonly baseDir: string;
  readonly origin: ValueOrigin;
}

export interface SettledValues<T extends FlagTable> {
  readonly values: ConfigOf<T>;
  /** By the long name of the flag. A flag without a value has no origin. */
  readonly origins: ValueOrigins;
}

/** Throws UsageError for the first value that is not allowed. A value that loses is not read. */
export function settleValues<T extends FlagTable>(
  table: T,
  sources: ValueSources,
): SettledValues<T> {
  const values: Record<string, unknown> = {};
  const origins: Record<string, ValueOrigin> = {};
  for (const flag of table) {
    const settled = settleValue(flag, sources);
    values[keyOf(flag)] = settled === undefined ? flag.absent : settled.value;
    if (settled !== undefined) origins[flag.name] = settled.origin;
  }
  return { values: Object.freeze(values) as ConfigOf<T>, origins: Object.freeze(origins) };
}

/** The values alone. Throws as `settleValues` does. */
export function resolveValues<T extends FlagTable>(table: T, sources: ValueSources): ConfigOf<T> {
  return settleValues(table, sources).values;
}

/** The value of a variable; undefined if it has none, or one that weir passes over. */
export function readVariable(env: NodeJS.ProcessEnv, name: string | undefined): string | undefined {
  // Compose files and CI leave a variable unset by giving it an empty value.
  const text = (name && env[name]) || undefined;
  return name?.endsWith("_PORT") && isServiceLink(text) ? undefined : text;
}

/**
 * What Kubernetes and Docker put into `NAME_PORT` for a service called NAME: a service "weir-next" sets
 * the variable of --next-port. Such a value is never meant for weir.
 */
function isServiceLink(text: string | undefined): boolean {
  return text !== undefined && /^(?:tcp|udp|sctp):\/\//.test(text);
}

interface SettledValue {
  readonly value: unknown;
  readonly origin: ValueOrigin;
}

function settleValue(flag: Flag, sources: ValueSources): SettledValue | undefined {
  const [chosen, next] = listCandidates(flag, sources);
  if (chosen === undefined) return undefined;
  const read = ({ origin, text, baseDir }: Candidate): SettledValue => {
    return { value: parseValue(origin.text, text, (given) => flag.parse(given, baseDir)), origin };
  };
  if (chosen.origin.kind !== "environment") return read(chosen);
  try {
    return read(chosen);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (flag.isShared !== true) {
      throw new UsageError(error.message, adviseVariable(flag));
    }
    sources.warn?.(
      `${flag.env} ${quote(chosen.text)} in the environment is passed over: it is not an address (other programs set ${flag.env} too; give --${flag.name} to choose one, or unset ${flag.env})`,
    );
    return next && read(next);
  }
}

/**
 * Variables without weir's own prefix have common names: other programs and platforms set them, and
 * the person may not know about them. (Kubernetes is none of them: it sets `NAME_PORT`, never `PORT`.)
 */
function adviseVariable({ name, env = "" }: Flag): string | undefined {
  if (env.startsWith("WEIR_")) return undefined;
  return `another program may have set ${env}: --${name} wins over it, or unset ${env}`;
}

/** All values that the flag has been given, in their order: the first one counts. */
function listCandidates(flag: Flag, sources: ValueSources): Candidate[] {
  const { typed, env, file, currentDir: baseDir } = sources;
  const candidates: Candidate[] = [];
  const add = (text: string | undefined, base: string, kind: ValueOrigin["kind"], of: string) => {
    if (text !== undefined) candidates.push({ text, baseDir: base, origin: { kind, text: of } });
  };
  const typedFlag = typed.get(flag.name);
  add(typedFlag?.text, baseDir, "typed", typedFlag?.spelling ?? "");
  add(readVariable(env, flag.env), baseDir, "environment", variableOrigin(flag).text);
  if (file !== undefined) {
    const place = `${quote(flag.name)} in ${quote(file.path)}`;
    add(file.texts.get(flag.name), file.baseDir, "file", place);
  }
  add(flag.fallback, baseDir, "default", `--${flag.name} (default)`);
  return candidates;
}

export function variableOrigin({ env }: Flag): ValueOrigin {
  return { kind: "environment", text: `${env} in the environment` };
}

const JSON_OF_KIND: Partial<Record<Flag["kind"], ConfigName["json"]>> = {
  switch: "switch",
  number: "number",
  duration: "number",
  list: "list",
  rules: "rules",
};

/** The names a config file may hold for this table; `config` itself is not one of them. */
export function listConfigNames(table: FlagTable, positional: string | undefined): ConfigName[] {
  const names = table
    .filter((flag) => flag.name !== "config")
    .map(({ name, kind }): ConfigName => ({ name, json: JSON_OF_KIND[kind] ?? "string" }));
  return positional === undefined ? names : [{ name: positional, json: "string" }, ...names];
}

// Finds variables of the environment that somebody set for weir and that do nothing, because of a slip in the
// name or another way to write it. It mentions only names that are close to a variable of weir: a fleet may
// use WEIR_ names for purposes of its own, and Kubernetes and Docker set some for a service called "weir".
// Pure. Called by main.ts.

const PREFIX = "WEIR_";
/** In a shorter name, a slip makes another word: WEIR_TIP may well not mean WEIR_ZIP. */
const SLIP_LENGTH_MIN = 4;
/** Kubernetes: NAME_SERVICE_HOST, NAME_SERVICE_PORT_HTTP, NAME_PORT_8001_TCP_ADDR; and NAME_PORT, a URL. */
const SERVICE_NAME = /_SERVICE_HOST$|_SERVICE_PORT(?:_|$)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/;

/** A line for each variable that looks like one of the command's and is none. */
export function describeUnknownVariables(flags: FlagTable, env: NodeJS.ProcessEnv): string[] {
  const known = new Set(flags.flatMap((flag) => flag.env ?? []));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name) && !SERVICE_NAME.test(name))
    .filter((name) => env[name] !== "" && !isServiceLink(env[name]))
    .flatMap((name) => {
      const advice = adviseName(name, flags);
      return advice === undefined ? [] : `${name} in the environment has no effect: ${advice}`;
    });
}

function adviseName(name: string, flags: FlagTable): string | undefined {
  const withVariable = flags.filter(({ env }) => env !== undefined);
  const isNamedLike = ({ name: flagName }: Flag) => variableOf(flagName) === name;
  const renamed = withVariable.find(isNamedLike);
  if (renamed !== undefined) return `the variable of --${renamed.name} is ${renamed.env}`;
  const negated = withVariable.find(
    (flag) => isSwitch(flag) && variableOf(`no-${flag.name}`) === name,
  );
  if (negated !== undefined) return `write ${negated.env}=off`;
  const word = name.slice(PREFIX.length);
  if (word.length < SLIP_LENGTH_MIN) return undefined;
  const words = new Map(
    withVariable.map(({ name: flagName, env = "" }) => [
      variableOf(flagName).slice(PREFIX.length),
      env,
    ]),
  );
  const nearest = findSlip(word, [...words.keys()]);
  return nearest === undefined ? undefined : `did you mean ${words.get(nearest)}?`;
}
