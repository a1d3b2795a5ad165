// The version of the program, from package.json.

import { readFileSync } from "node:fs";

/** `0.1.0`. Reads the file at each call: for use at a start, not for each answer. */
export function readProgramVersion(): string {
  // It is two folders up in a checkout (src/base) and in the published form (dist/weir).
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
