// The folder that relative paths start from. Used by the commands; it may have been deleted since the
// shell went there, and then Node throws where it is asked for.

import { isAbsolute } from "node:path";

/**
 * An absolute path. Where the current folder is gone it is the name that the shell remembers, so that
 * what lies below it is told as absent under the name that the person knows.
 */
export function readCurrentFolder(env: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    const { PWD = "" } = env;
    return isAbsolute(PWD) ? PWD : "/";
  }
}

/** Whether it is there: a relative path leads somewhere. */
export function hasCurrentFolder(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

/**
 * Node's threads do not start in a folder that is gone. Called when every path is absolute: from then on
 * relative ones start from the root.
 */
export function leaveDeletedFolder(): void {
  if (!hasCurrentFolder()) process.chdir("/");
}
