// The shape of one flag, and the types of the values a table of flags gives. The tables themselves
// stand in flag-table.ts; parsing, help and the README table are all derived from them.

export interface Flag {
  /** Long name without dashes; also the name in the config file. */
  readonly name: string;
  /** One letter without the dash. */
  readonly short?: string;
  /** Environment variable; empty counts as unset. */
  readonly env?: string;
  /** Other programs set that variable to values of their own: one that cannot be read is passed over. */
  readonly isShared?: boolean;
  /** What stands for the value in help. A flag without one is a switch, with `--no-NAME`. */
  readonly placeholder?: string;
  /** The default as a person would type it; the same parser reads it. Switches have one always. */
  readonly fallback?: string;
  /** How help names the default, where `fallback` is absent or says too little. */
  readonly fallbackText?: string;
  /** What the config file may hold beside a string: a number, an array of strings, or any JSON. */
  readonly json?: "number" | "list" | "rules";
  /** It may be typed several times: its parser gets all the texts, one a line. */
  readonly repeats?: boolean;
  /** Takes the text and the folder that relative paths start from; throws UsageError. */
  readonly parse: (text: string, baseDir: string) => unknown;
  /** One sentence without a full stop. */
  readonly help: string;
}

export type FlagTable = readonly Flag[];

type FlagValue<F extends Flag> = F extends { readonly fallback: string }
  ? ReturnType<F["parse"]>
  : ReturnType<F["parse"]> | undefined;

/** The parsed values by flag name; a flag without a fallback may be undefined. */
export type FlagValues<T extends FlagTable> = {
  readonly [F in T[number] as F["name"]]: FlagValue<F>;
};

export function isSwitch(flag: Flag): boolean {
  return flag.placeholder === undefined;
}
