// Makes a folder with those above it, and says in plain words why that, or a file in it, cannot be
// written. Used wherever weir keeps something of its own. Node's own `recursive` is not used: it hides
// the reason (a read-only file system is told as ENOENT), and it never returns where a file system
// refuses new names with ENOENT, as /proc does.

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

/** A clause for a message; what is no error of the file system is told in its own words. */
export function whyUnwritable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "this user may not write there";
    case "EROFS":
      return "its file system is read-only";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of its path is a file, not a folder";
    case "ENOENT":
      return "no folder can be made there";
    default:
      return message;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
