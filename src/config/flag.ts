// The shape of a flag, and the types that follow from a table of flags. A flag is one row: the command line,
// the environment, the config file, the help, the README and the typed configuration are all derived from
// it. The rows of `weir serve` are in serve-flags.ts, and those of another
// command are beside that command.

import { parseDuration, parseOneOf, parseSwitch, parseTimeout } from "./quantity.ts";

/**
 * What a value is. It decides what JSON the config file may hold for it (a `number` or `duration` also a
 * number, a `list` also an array of strings, `rules` any JSON, a `switch` only true or false), what a
 * shell completes, and whether the key in the configuration ends in `Ms`.
 */
export type FlagKind =
  | "switch"
  | "number"
  | "duration"
  | "choice"
  | "file"
  | "folder"
  | "list"
  | "rules"
  | "text";

export interface Flag {
  /** The long name without dashes. The config file uses the same name. */
  readonly name: string;
  /** One letter without the dash. */
  readonly short?: string;
  /** The environment variable. An empty one counts as unset. */
  readonly env?: string;
  /** Other programs set this variable too: a value that cannot be read is ignored, with a warning. */
  readonly isShared?: boolean;
  readonly kind: FlagKind;
  /** What help shows in place of the value. Every flag has one but a switch. */
  readonly placeholder?: string;
  /** The words of a choice, or the words that may take the place of another value: `off`, `memory`. */
  readonly words?: readonly string[];
  /** The default as a person would type it, read by the same parser. Every switch has one. */
  readonly fallback?: string;
  /** The value when nobody gives one and there is no `fallback`; otherwise it is undefined. */
  readonly absent?: unknown;
  /** How help describes the default, where `fallback` is missing or says too little. */
  readonly fallbackText?: string;
  /** The flag may be typed several times: the parser gets all the texts, one per line. */
  readonly repeats?: boolean;
  /** Help shows it first, among the few flags that most people need. */
  readonly isCommon?: boolean;
  /** Takes the text and the folder that relative paths start from. Throws UsageError. */
  readonly parse: (text: string, baseDir: string) => unknown;
  /** One sentence without a full stop. */
  readonly help: string;
}

export type FlagTable = readonly Flag[];

/** Flags that help and the README show under one heading. */
export interface FlagGroup<T extends FlagTable = FlagTable> {
  readonly title: string;
  readonly flags: T;
}

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

type KeyOf<F extends Flag> = F["kind"] extends "duration"
  ? `${CamelCase<F["name"]>}Ms`
  : CamelCase<F["name"]>;

type ValueOf<F extends Flag> = F extends { readonly fallback: string }
  ? ReturnType<F["parse"]>
  : F extends { readonly absent: infer Absent }
    ? WithAbsent<ReturnType<F["parse"]>, Absent>
    : ReturnType<F["parse"]> | undefined;

/** An empty list is a list already. */
type WithAbsent<Value, Absent> = Absent extends Value ? Value : Value | Absent;

/** The parsed values of a table: `--stall-timeout`, a duration, is `stallTimeoutMs`. */
export type ConfigOf<T extends FlagTable> = {
  readonly [F in T[number] as KeyOf<F>]: ValueOf<F>;
};

/** The key of a flag's value, as `ConfigOf` names it. */
export function keyOf({ name, kind }: Flag): string {
  const key = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return kind === "duration" ? `${key}Ms` : key;
}

export function isSwitch(flag: Flag): boolean {
  return flag.kind === "switch";
}

/** `WEIR_IDLE_TIMEOUT` for `idle-timeout`. */
export function variableOf(name: string): string {
  return `WEIR_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** A group of `weir serve`: every flag has a variable, named after the flag unless its row says otherwise. */
export function serveGroup<const T extends FlagTable>(title: string, flags: T): FlagGroup<T> {
  const withVariables = flags.map((flag) => ({ env: variableOf(flag.name), ...flag }));
  return { title, flags: withVariables as readonly Flag[] as T };
}

/** The common parts of rows, to be spread into them: what the value is, and how it is read. */

/** A switch that is off by default. */
export const OFF = { kind: "switch", fallback: "off", parse: parseSwitch } as const;
/** A switch that is on by default, so that help names `--no-NAME` too. */
export const ON = { kind: "switch", fallback: "on", parse: parseSwitch } as const;
/** A length of time, which may be 0. */
export const DURATION = { kind: "duration", placeholder: "D", parse: parseDuration } as const;
/** A length of time that something is waited for, so it is never 0. */
export const TIMEOUT = { kind: "duration", placeholder: "D", parse: parseTimeout } as const;

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]) {
  return {
    kind: "choice",
    words,
    placeholder: words.join("|"),
    parse: (text: string): W => parseOneOf(text, words),
  } as const;
}
