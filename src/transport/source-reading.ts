// Reads one piece of a source: whole, and of the version that the answer speaks of. Used by transports,
// which send a source piece by piece. Returns at once where the source does.

import type { ByteSource } from "../http/reply.ts";

/**
 * Reads until `into` is full.
 * @param isLast whether nothing is read after it: then the source is asked whether it has changed
 * @param hasSent whether something of the body has left. After that there is no status to tell an error
 *   with, so it counts as a source that ended too soon.
 * @returns false when the source has ended before, failed or changed
 * @throws what the source throws, while nothing has left
 */
export function readFully(
  source: ByteSource,
  into: Buffer,
  position: number,
  isLast: boolean,
  hasSent: boolean,
): boolean | Promise<boolean> {
  try {
    const bytes = source.read(into, position);
    if (bytes === 0) return false;
    if (bytes !== into.length) return readRest(source, into, position, isLast, hasSent, bytes);
    if (!isLast) return true;
    const isUnchanged = source.isUnchanged();
    return typeof isUnchanged === "boolean" ? isUnchanged : falseOnceSent(isUnchanged, hasSent);
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}

async function readRest(
  source: ByteSource,
  into: Buffer,
  position: number,
  isLast: boolean,
  hasSent: boolean,
  first: number | Promise<number>,
): Promise<boolean> {
  let filled = 0;
  try {
    for (let bytes = await first; bytes > 0; ) {
      filled += bytes;
      if (filled === into.length) return !isLast || (await source.isUnchanged());
      bytes = await source.read(into.subarray(filled), position + filled);
    }
  } catch (error) {
    if (!hasSent) throw error;
  }
  return false;
}

async function falseOnceSent(isUnchanged: Promise<boolean>, hasSent: boolean): Promise<boolean> {
  try {
    return await isUnchanged;
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}
