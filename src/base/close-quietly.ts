// Closing what is no longer needed, where an error can change nothing: everything is written, or is given
// up because of another error, which the caller reports. (Some network file systems report a full disk
// only here, for bytes that they had taken before.)

import { closeSync } from "node:fs";

interface Closable<Closed> {
  close(): Closed;
}

/**
 * Closes a file descriptor, a database, a file handle; never throws, and never rejects. Closed at once,
 * unless the thing itself closes later: then there is a promise.
 * @param thing undefined where it was never opened
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
    // See above.
  }
  return undefined;
}
