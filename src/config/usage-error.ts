// The error for something that a person typed and that is not allowed. The parsers of src/config throw it
// with a fragment that says what is allowed; `parseValue` adds the act and the value. src/cli/main.ts prints
// it after `weir: ` and exits 2.

const QUOTED_CHARS_MAX = 120;

/** `message` says what is allowed, as a fragment: `give a number from 0 to 65535`. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What may help besides the help page, as a clause; undefined if the message says everything. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** The text in double quotes, on one line, with everything a terminal would obey escaped. */
export function quote(text: string): string {
  const cut = text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text;
  // JSON.stringify leaves DEL, the C1 controls and the characters that reverse writing as they are.
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/**
 * Parses one value and completes the error: `cannot use "abc" for --port: give a number …`.
 * `target` is what the value was meant for, as the person spelled it (`--port`, `PORT`, `COUNT`).
 */
export function parseValue<T>(target: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      `cannot use ${quote(hideCredentials(text))} for ${target}: ${error.message}`,
    );
  }
}

/** A URL may have a user and a password before its host, and errors end up in logs. */
function hideCredentials(text: string): string {
  return text.replace(/(:\/\/).*@/s, "$1…@");
}

// Where a value comes from, for errors that appear long after the value was read: a port in use, a host
// without an address. Made by cli/resolve-values.ts.

export interface ValueOrigin {
  readonly kind: "typed" | "environment" | "file" | "default";
  /** As a person finds it: `--port`, `PORT in the environment`, `"port" in "weir.config.json"`. */
  readonly text: string;
}

/** By the long name of the flag. */
export type ValueOrigins = Readonly<Record<string, ValueOrigin>>;

/** `from PORT in the environment`; undefined for a default, because nobody set it. */
export function formatOrigin(origin: ValueOrigin | undefined): string | undefined {
  return origin === undefined || origin.kind === "default" ? undefined : `from ${origin.text}`;
}

/** The end of an error: a space, and where the value came from. A typed value needs none. */
export function originRemark(origin: ValueOrigin | undefined): string {
  if (origin === undefined || origin.kind === "typed") return "";
  return origin.kind === "default" ? "" : ` (${formatOrigin(origin)})`;
}

// Finds the name a person probably meant. Pure; used for unknown commands, flags, variables and names in
// the config file.

/** The closest of `names`, or undefined when none is close enough to be a typing slip. */
export function findNearestName(typed: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => typed.length >= 3 && name.startsWith(typed));
  return begun.length === 1 ? begun[0] : findSlip(typed, names);
}

/** The closest of `names` that differs by a typing slip; a name that the word only begins is none. */
export function findSlip(typed: string, names: readonly string[]): string | undefined {
  // Two slips in a long word, one in a short one: beyond that a suggestion is a guess.
  let nearestDistance = typed.length > 4 ? 2 : 1;
  let nearest: string | undefined;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance > nearestDistance || (distance === nearestDistance && nearest)) continue;
    nearest = name;
    nearestDistance = distance;
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3;
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : replaced;
      row.push(Math.min(replaced, swapped, row[j - 1]! + 1, rows[i - 1]![j]! + 1));
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
