// Makes a folder with those above it. Used wherever weir keeps something of its own. Node's own
// `recursive` is not used: it hides the reason (a read-only file system is told as ENOENT), and it never
// returns where a file system refuses new names with ENOENT, as /proc does.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Does nothing where the folder is there.
 * @param path absolute
 * @throws what the system says, of the first folder that cannot be made
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isFolder(path)) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || existsSync(parent)) throw error;
    makeFolder(parent);
    mkdirSync(path);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
