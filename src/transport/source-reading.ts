// Reads one piece of a source: whole, and of the version that the answer speaks of. Used by transports,
// which send a source piece by piece. Returns at once where the source does.

import { readFully } from "../http/read-fully.ts";
import type { ByteSource } from "../http/reply.ts";

/**
 * Reads until `into` is full.
 * @param isLast whether nothing is read after it: then the source is asked whether it has changed
 * @param hasSent whether something of the body has left. After that there is no status to tell an error
 *   with, so it counts as a source that ended too soon.
 * @returns false when the source has ended before, failed or changed
 * @throws what the source throws, while nothing has left
 */
export function readPiece(
  source: ByteSource,
  into: Buffer,
  position: number,
  isLast: boolean,
  hasSent: boolean,
): boolean | Promise<boolean> {
  try {
    const reading = readFully(source, into, position);
    if (typeof reading !== "number") {
      return falseOnceSent(isWholeLater(source, reading, into, isLast), hasSent);
    }
    if (reading < into.length) return false;
    if (!isLast) return true;
    const isUnchanged = source.isUnchanged();
    return typeof isUnchanged === "boolean" ? isUnchanged : falseOnceSent(isUnchanged, hasSent);
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}

async function isWholeLater(
  source: ByteSource,
  reading: Promise<number>,
  into: Buffer,
  isLast: boolean,
): Promise<boolean> {
  if ((await reading) < into.length) return false;
  return !isLast || (await source.isUnchanged());
}

async function falseOnceSent(work: Promise<boolean>, hasSent: boolean): Promise<boolean> {
  try {
    return await work;
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}
