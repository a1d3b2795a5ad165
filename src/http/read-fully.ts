// The one way to read until a buffer is full: a source may answer each read with less than was asked
// for. Used by all code that needs whole pieces of a file: the writer of answers, small bodies, content
// types, compression and zips.

import type { ByteSource } from "./reply.ts";

/**
 * Reads from `position` on until `into` is full.
 * @returns the bytes that were read: fewer than `into.length` only where the source ended before. At
 *   once, without a promise, where the source answers at once.
 * @throws what the source throws, or rejects with it where the answer is a promise
 */
export function readFully(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
): number | Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const rest = filled === 0 ? into : into.subarray(filled);
    const reading = source.read(rest, position + filled);
    if (typeof reading !== "number") return readRest(source, into, position, filled, reading);
    if (reading === 0) break;
    filled += reading;
  }
  return filled;
}

/** From the first read on that has to be waited for. */
async function readRest(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
  filledBefore: number,
  reading: Promise<number>,
): Promise<number> {
  let filled = filledBefore;
  for (let bytes = await reading; bytes > 0; ) {
    filled += bytes;
    if (filled === into.length) break;
    bytes = await source.read(into.subarray(filled), position + filled);
  }
  return filled;
}
