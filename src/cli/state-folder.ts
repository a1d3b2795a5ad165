// Where the state is kept when nobody says so. Used by the commands that write it and that read it.

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** An absolute path. */
export function defaultStateDir(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_STATE_HOME ?? "";
  // A relative path in XDG_STATE_HOME is invalid and ignored (XDG Base Directory Specification).
  return join(isAbsolute(base) ? base : join(homedir(), ".local", "state"), "weir");
}
