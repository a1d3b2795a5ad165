// Splits what was typed after a command into flags and positionals, by the table of its flags. Pure. Values
// stay texts here; resolve-values.ts reads them. Called by main.ts.

import { parseArgs as splitArgs } from "node:util";
import { type Flag, type FlagTable, isSwitch } from "../config/flag.ts";
import { findNearestName, quote, UsageError } from "../config/usage-error.ts";

export interface TypedFlag {
  readonly text: string;
  /** As it was typed, for messages: `--port` or `-p`. */
  readonly spelling: string;
}

export interface TypedArgs {
  /** By flag name. If a flag is typed again the last one counts, or all of them if it `repeats`. */
  readonly flags: ReadonlyMap<string, TypedFlag>;
  readonly positionals: readonly string[];
  readonly asksHelp: boolean;
  readonly asksVersion: boolean;
}

type Token = NonNullable<ReturnType<typeof splitTokens>>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

/** Throws UsageError for an unknown flag, a missing value, and a value given to a switch. */
export function parseTypedArgs(args: readonly string[], table: FlagTable): TypedArgs {
  const tokens = splitTokens(args, table) ?? [];
  const asks = (name: string) =>
    tokens.some((token) => token.kind === "option" && token.name === name);
  const positionals = tokens.flatMap((token) => (token.kind === "positional" ? token.value : []));
  // People who made a mistake ask for help about it in the same line.
  if (asks("help") || asks("version")) {
    const [asksHelp, asksVersion] = [asks("help"), asks("version")];
    return { flags: new Map(), positionals, asksHelp, asksVersion };
  }
  const flags = new Map<string, TypedFlag>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const [name, typed] = readOption(token, args[token.index]!, table);
    const earlier = flags.get(name);
    const repeats = table.some((flag) => flag.name === name && flag.repeats);
    flags.set(name, earlier && repeats ? joinTyped(earlier, typed) : typed);
  }
  return { flags, positionals, asksHelp: false, asksVersion: false };
}

function joinTyped(earlier: TypedFlag, { text, spelling }: TypedFlag): TypedFlag {
  return { text: `${earlier.text}\n${text}`, spelling };
}

function splitTokens(args: readonly string[], table: FlagTable) {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "V" },
  };
  for (const flag of table) {
    const short = flag.short === undefined ? {} : { short: flag.short };
    options[flag.name] = { type: isSwitch(flag) ? "boolean" : "string", ...short };
    if (isSwitch(flag)) options[`no-${flag.name}`] = { type: "boolean" };
  }
  // In strict mode the errors would be Node's, and `--json -` would be refused as ambiguous.
  const parsed = splitArgs({ args: [...args], options, strict: false, tokens: true });
  return parsed.tokens;
}

function readOption(token: OptionToken, arg: string, table: FlagTable): [string, TypedFlag] {
  const spelling = token.rawName;
  const isLong = spelling.startsWith("--");
  const longName = arg.replace(/^-+/, "").replace(/=.*$/s, "");
  if (!isLong && longName.length > 1 && table.some((flag) => flag.name === longName)) {
    throw new UsageError(`unknown flag ${quote(arg)}: did you mean --${longName}?`);
  }
  const isNegated = table.some((flag) => isSwitch(flag) && `no-${flag.name}` === token.name);
  const name = isNegated ? token.name.slice("no-".length) : token.name;
  const flag = table.find((candidate) => candidate.name === name);
  if (flag === undefined) throw unknownFlag(spelling, table);
  if (isSwitch(flag)) {
    if (token.value !== undefined) {
      const forms = `write --${name} or --no-${name}`;
      throw new UsageError(
        `cannot use ${quote(token.value)} for ${spelling}: a switch takes no value (${forms})`,
      );
    }
    return [name, { text: isNegated ? "off" : "on", spelling }];
  }
  return [name, { text: readFlagValue(token, flag), spelling }];
}

function readFlagValue(token: OptionToken, flag: Flag): string {
  const { rawName, value, inlineValue } = token;
  if (value === undefined) throw missingValue(rawName, flag);
  // `-p=8001` is split into -p and "=8001".
  if (inlineValue) return rawName.startsWith("--") ? value : value.replace(/^=/, "");
  // This is a flag where a value belongs. "-" alone and negative numbers are values.
  if (/^-[^\d]/.test(value)) throw missingValue(rawName, flag);
  return value;
}

function missingValue(spelling: string, flag: Flag): UsageError {
  const example = flag.fallback === undefined ? "" : `, such as ${spelling} ${flag.fallback}`;
  return new UsageError(`missing value for ${spelling}: give ${flag.placeholder}${example}`);
}

/** A flag that the command does not have. Another command may have it: main.ts looks for that. */
export class UnknownFlagError extends UsageError {
  /** As it was typed, without its value: `--port` or `-p`. */
  readonly spelling: string;

  constructor(spelling: string, advice: string) {
    super(`unknown flag ${quote(spelling)}${advice}`);
    this.spelling = spelling;
  }
}

function unknownFlag(spelling: string, table: FlagTable): UnknownFlagError {
  if (!spelling.startsWith("--")) return new UnknownFlagError(spelling, "");
  const names = table.flatMap((flag) =>
    isSwitch(flag) ? [flag.name, `no-${flag.name}`] : flag.name,
  );
  const nearest = findNearestName(spelling.slice(2), [...names, "help", "version"]);
  return new UnknownFlagError(spelling, nearest ? `: did you mean --${nearest}?` : "");
}

/** Whether the table has the flag, spelled as a person types it: `--port`, `-p`, `--no-listing`. */
export function hasFlag(table: FlagTable, spelling: string): boolean {
  const isLong = spelling.startsWith("--");
  const name = spelling.replace(/^-+/, "");
  return table.some((flag) =>
    isLong
      ? flag.name === name || (isSwitch(flag) && `no-${flag.name}` === name)
      : flag.short === name,
  );
}
