// What every part of weir that keeps files of its own needs: making their folder, and closing them.

import { closeSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder with those above it; does nothing if it exists. Node's own `recursive` is not used: it
 * hides the reason (ENOENT for a read-only file system), and it never returns where a file system answers
 * ENOENT to new names, as /proc does.
 * @param path absolute
 * @throws the error of the system for the first folder that cannot be made
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

interface Closable<Closed> {
  close(): Closed;
}

/**
 * Closes a file descriptor, a database or a file handle where an error can change nothing: everything is
 * written, or another error has ended the work, which the caller reports. (Some network file systems
 * report a full disk only here, for bytes that they had taken before.) It never throws or rejects.
 * @param thing undefined where it was never opened
 * @returns a promise if the thing itself closes later
 */
export function closeQuietly(thing: Closable<Promise<void>>): Promise<void>;
export function closeQuietly(thing: number | Closable<void> | undefined): undefined;
export function closeQuietly(
  thing: number | Closable<void | Promise<void>> | undefined,
): Promise<void> | undefined {
  try {
    if (typeof thing === "number") closeSync(thing);
    else return thing?.close()?.catch(() => {});
  } catch {
    // Nothing can be done about it.
  }
  return undefined;
}
