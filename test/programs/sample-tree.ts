// A folder for clients that fetch whole trees, and the comparison of what they brought: names that need
// encoding, folders in folders, empty files, and one large enough to be cut.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeTree } from "../fixtures/temp-folder.ts";

export const LARGE_BYTES = 3_000_000;

/** No two places of it are alike. */
export function makeLarge(): Buffer {
  const content = Buffer.alloc(LARGE_BYTES);
  for (let at = 0; at < LARGE_BYTES; at += 4) content.writeUInt32LE((at * 2654435761) >>> 0, at);
  return content;
}

export function writeSampleTree(folder: string): void {
  writeTree(folder, {
    "a.txt": "a\n",
    empty: "",
    "large.bin": makeLarge(),
    "with space & more.txt": "b\n",
    "100% #1?.txt": "c\n",
    "grün.txt": "d\n",
    docs: { "page.html": "<!doctype html><a href=../a.txt>a</a>\n", deep: { "z.json": "{}\n" } },
  });
}

/** Every file below, with a hash of its content. */
export function readTree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("base64"),
    ]),
  );
}

export function assertSameTree(actual: string, expected: string): void {
  assert.deepEqual(readTree(actual), readTree(expected));
}
