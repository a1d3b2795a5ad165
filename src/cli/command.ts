// What every command of weir is: a value with its name, its flags, its help and its run. Each command has a
// file of its own, which main.ts loads only when somebody asks for it. A command never exits the process.

import type { Output } from "../base/figure-text.ts";
import type { ConfigOf, FlagGroup, FlagTable } from "../config/flag.ts";
import type { ValueOrigins } from "../config/usage-error.ts";

export type { Output } from "../base/figure-text.ts";

export interface CommandArgs<T extends FlagTable> {
  /** Checked and typed values, from flags, environment, config file and defaults: `--max-wait`, a
   *  duration, is `maxWaitMs`. */
  readonly values: ConfigOf<T>;
  /** Where each value comes from, by flag name; also the positional, if the config file gives it. */
  readonly origins: ValueOrigins;
  readonly positionals: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of the config file that was read, if there was one. */
  readonly configFile?: string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Example {
  readonly text: string;
  readonly meaning: string;
}

export interface Command<T extends FlagTable = FlagTable> {
  readonly name: string;
  /** One line in the list of commands, lower case, no full stop. */
  readonly summary: string;
  /** The forms, without `weir`: `load URL [options]`. */
  readonly usage: readonly string[];
  /** Paragraphs for the help of this command, wrapped to the page by help.ts. */
  readonly details?: readonly string[];
  readonly flags: T;
  /** The same flags, for a page of help that shows them under headings. */
  readonly groups?: readonly FlagGroup[];
  readonly examples?: readonly Example[];
  /** Exit codes other than 0, 1 and 2, with their meaning. */
  readonly exitCodes?: readonly (readonly [code: number, meaning: string])[];
  /** The config file may give the one positional under this name. */
  readonly configPositional?: string;
  /** The command goes on when its standard output or standard error fails. */
  readonly outlivesOutput?: boolean;
  /**
   * Gives the exit code. Throws UsageError (a whole line, see `parseValue`) for exit 2 and
   * OperationError for exit 1; main.ts prints both.
   */
  run(args: CommandArgs<T>): number | Promise<number>;
}
