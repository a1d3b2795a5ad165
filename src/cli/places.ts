// Where commands read and write: the current folder, which may have been deleted; the folder of the state,
// which a user without a home folder does not have; the files that they read; and the file or standard output
// that `--json FILE|-` writes to, which is checked before a run.

import { accessSync, constants, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { describeFileError, OperationError } from "../base/operation-error.ts";
import { quote } from "../config/usage-error.ts";
import type { Output } from "./command.ts";

/**
 * An absolute path. If the current folder has been deleted it is the path that the shell remembers, so that
 * an error about a file below it shows a path that the person knows.
 */
export function readCurrentFolder(env: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    const { PWD = "" } = env;
    return isAbsolute(PWD) ? PWD : "/";
  }
}

/** Whether the current folder exists, so that a relative path leads somewhere. */
export function hasCurrentFolder(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

/**
 * Node cannot start threads in a folder that has been deleted. Call this when every path is absolute:
 * afterwards a relative path starts from the root.
 */
export function leaveDeletedFolder(): void {
  if (!hasCurrentFolder()) process.chdir("/");
}

export type DefaultStateDir =
  /** `path` is absolute. */
  | { readonly kind: "folder"; readonly path: string }
  /** `why` is a clause for a message, without a full stop. */
  | { readonly kind: "none"; readonly why: string };

export function findDefaultStateDir(env: NodeJS.ProcessEnv): DefaultStateDir {
  // A relative path in XDG_STATE_HOME is invalid and ignored (XDG Base Directory Specification).
  const base = env.XDG_STATE_HOME ?? "";
  if (isAbsolute(base)) return { kind: "folder", path: join(base, "weir") };
  const home = findHomeDir(env);
  if (home !== undefined) {
    return { kind: "folder", path: join(home, ".local", "state", "weir") };
  }
  return { kind: "none", why: "this user has no home folder" };
}

/**
 * The absolute home folder of this user. Node returns HOME as it is, even if it is empty or relative, and
 * both of its calls throw when HOME is unset and the system does not know the user.
 */
function findHomeDir(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME !== undefined && isAbsolute(env.HOME)) return env.HOME;
  for (const read of [homedir, () => userInfo().homedir]) {
    try {
      const dir = read();
      if (isAbsolute(dir)) return dir;
    } catch {
      // The other call may know it.
    }
  }
  return undefined;
}

const STANDARD_INPUT = "-";

/**
 * The whole of a file, or of standard input for `-`.
 * @param act what the error says that weir cannot do: `read`, `read the URLs from`
 * @throws OperationError
 */
export function readInput(file: string, act = "read"): Buffer {
  try {
    return readFileSync(file === STANDARD_INPUT ? 0 : file);
  } catch (error) {
    throw new OperationError(`cannot ${act} ${quote(file)}: ${describeFileError(error)}`);
  }
}

const STANDARD_OUTPUT = "-";

/** When JSON goes to stdout, for a program to read, the text for people goes to stderr. */
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
