// What is typed behind `node bench/main.ts`. Pure.

import { parseArgs } from "node:util";
import { quote, UsageError } from "../src/config/usage-error.ts";
import { FORMS, type Form } from "./form.ts";
import type { Row } from "./row.ts";

export interface BenchArguments {
  readonly form: Form;
  readonly jsonPath: string | undefined;
  /** A revision of this repository that is measured beside the work tree. */
  readonly before: string | undefined;
  /** In the order of the list, whatever the order typed; all when none is typed. */
  readonly rows: readonly Row[];
}

/** Throws `UsageError` with what is allowed. */
export function parseBenchArguments(args: readonly string[], all: readonly Row[]): BenchArguments {
  const { values, positionals } = parseTyped(args);
  const { form: formName = "short", json: jsonPath, before } = values;
  const form = Object.values(FORMS).find(({ name }) => name === formName);
  if (form === undefined) {
    const allowed = Object.keys(FORMS).join(", ");
    throw new UsageError(`cannot use ${quote(formName)} for --form: give one of ${allowed}`);
  }
  const names = all.map(({ name }) => name);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`cannot measure ${quote(unknown)}: give rows of ${names.join(", ")}`);
  }
  const rows = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { form, jsonPath, before, rows };
}

function parseTyped(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        form: { type: "string" },
        json: { type: "string" },
        before: { type: "string" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(`cannot read the arguments: ${(error as Error).message}`);
  }
}
