// Where the state is kept when the person names no place. Used by the commands that write it and that
// read it. A user may have no home folder (an unknown user id in a container, an empty environment):
// that is an answer here and not an error.

import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

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
 * The absolute home folder of this user. Node gives HOME back as it is, empty or relative, and both
 * of its calls throw where HOME is unset and the user is not in the system's list.
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
