// Where `--json FILE|-` writes: a file, checked before the run, or standard output. Used by the
// commands that measure.

import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { quote } from "../config/usage-error.ts";
import type { Output } from "./command.ts";
import { hasCurrentFolder } from "./current-folder.ts";

const STANDARD_OUTPUT = "-";

/** Whoever asks for JSON on stdout reads it with a program: text goes where people look. */
export function chooseTextOutput(
  jsonFile: string | undefined,
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): Output {
  return jsonFile === STANDARD_OUTPUT ? stderr : stdout;
}

/** Before the run: nobody wants to learn afterwards that its result cannot be kept. */
export function checkWritable(jsonFile: string | undefined): void {
  if (jsonFile === undefined || jsonFile === STANDARD_OUTPUT) return;
  if (!isAbsolute(jsonFile) && !hasCurrentFolder()) {
    throw new OperationError(
      `cannot write the result to ${quote(jsonFile)}: the current folder has been deleted`,
    );
  }
  try {
    accessSync(dirname(jsonFile), constants.W_OK);
  } catch (error) {
    throw cannotWrite(jsonFile, error);
  }
}

/** @throws OperationError when the file cannot be written after all */
export function writeResult(jsonFile: string, json: string, stdout: Output): void {
  if (jsonFile === STANDARD_OUTPUT) {
    stdout.write(json);
    return;
  }
  try {
    writeFileSync(jsonFile, json);
  } catch (error) {
    throw cannotWrite(jsonFile, error);
  }
}

function cannotWrite(file: string, error: unknown): OperationError {
  const { code } = error as NodeJS.ErrnoException;
  return new OperationError(`cannot write the result to ${quote(file)} (${code})`);
}
