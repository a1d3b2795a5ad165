// Turns a key of any length (a file's path, a client's address) into the 128 bits that shared tables
// compare. The secret is drawn at start, so no client can choose keys that fall into one set.

import { hash } from "node:crypto";

/** Four words of a keyed hash. Two different keys share all four with a chance of 2^-128. */
export type KeyHash = Int32Array;

/** The hash of `key` under `secret`: SHA-256, of which the first 128 bits are kept. */
export function hashKey(secret: Uint8Array, key: string): KeyHash {
  const keyBytes = Buffer.byteLength(key, "latin1");
  const input = Buffer.allocUnsafe(secret.length + keyBytes);
  input.set(secret);
  input.write(key, secret.length, "latin1");
  const digest = hash("sha256", input, "buffer");
  const words = new Int32Array(4);
  for (let word = 0; word < 4; word++) words[word] = digest.readInt32LE(word * 4);
  // An all-zero first word marks an empty slot (shared-table.ts).
  if (words[0] === 0) words[0] = 1;
  return words;
}
