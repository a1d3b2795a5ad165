// The version of the program, from the one place where it stands.

import { readFileSync } from "node:fs";

/** `0.1.0`. Reads package.json: for once at a start, not for each answer. */
export function readProgramVersion(): string {
  // Two folders up in a checkout (src/base) as in what is published (dist/weir).
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
