// The files that are served under measurement. Their bytes do not compress and do not repeat, so that
// a server that sends the wrong piece is found.

import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A thousand to a folder, as in trees that people make; bench/wrk-script.lua knows the names. */
const FILES_PER_FOLDER = 1000;

export function writeRandomFile(dir: string, name: string, bytes: number): Buffer {
  const content = randomBytes(bytes);
  writeFileSync(join(dir, name), content);
  return content;
}

/** The name of one file of `writeFileTree`: `/d1/f1234.txt`. */
export function pathInTree(index: number): string {
  return `/d${Math.floor(index / FILES_PER_FOLDER)}/f${index}.txt`;
}

/** `count` files with the same content below `dir`. */
export function writeFileTree(dir: string, count: number, content: Buffer): void {
  for (let index = 0; index < count; index++) {
    if (index % FILES_PER_FOLDER === 0) mkdirSync(join(dir, `d${index / FILES_PER_FOLDER}`));
    writeFileSync(join(dir, pathInTree(index)), content);
  }
}
