// Where `--json FILE|-` and its like write: to a file, which is checked before the run, or to standard
// output. Used by the commands that produce results.

import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { describeFileError } from "../base/system-error.ts";
import { quote } from "../config/usage-error.ts";
import type { Output } from "./command.ts";
import { hasCurrentFolder } from "./current-folder.ts";

const STANDARD_OUTPUT = "-";

/** With JSON on stdout, which a program reads, the text for people goes to stderr. */
export function chooseTextOutput(
  jsonFile: string | undefined,
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): Output {
  return jsonFile === STANDARD_OUTPUT ? stderr : stdout;
}

/**
 * Called before the run, so that a person learns early that the result could not be kept.
 * @throws OperationError
 */
export function checkWritable(jsonFile: string | undefined): void {
  if (jsonFile === undefined || jsonFile === STANDARD_OUTPUT) return;
  const folder = dirname(jsonFile);
  if (!isAbsolute(jsonFile) && !hasCurrentFolder()) {
    throw cannotWrite(jsonFile, "the current folder has been deleted");
  }
  try {
    if (statSync(jsonFile, { throwIfNoEntry: false }) === undefined) {
      accessSync(folder, constants.W_OK);
    } else if (statSync(jsonFile).isDirectory()) {
      throw cannotWrite(jsonFile, "it is a folder; give a file in it");
    } else {
      accessSync(jsonFile, constants.W_OK);
    }
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw cannotWrite(
      jsonFile,
      isAbsent ? `there is no folder ${quote(folder)}` : describeFileError(error),
    );
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
    throw cannotWrite(jsonFile, describeFileError(error));
  }
}

function cannotWrite(file: string, why: string): OperationError {
  return new OperationError(`cannot write the result to ${quote(file)}: ${why}`);
}
