import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { hashKey } from "./key-hash.ts";

test("the hash is the beginning of SHA-256 over the secret and the key's bytes [key with 0xe9]", () => {
  const secret = randomBytes(32);
  const digest = createHash("sha256")
    .update(secret)
    .update(Buffer.from("caf\xe9", "latin1"))
    .digest();
  const expected = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  assert.deepEqual([...hashKey(secret, "caf\xe9")], expected);
});

test("the same key has another hash under another secret", () => {
  const hashes = [randomBytes(32), randomBytes(32)].map((secret) => hashKey(secret, "a").join());
  assert.notEqual(hashes[0], hashes[1]);
});
