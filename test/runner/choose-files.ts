// Which test files a run takes, and which it leaves out. Paths have slashes and begin at the root of the
// repository, but for files elsewhere that somebody names: those are absolute.

import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { RunArguments } from "./run-arguments.ts";

const FOLDERS = ["src", "web", "test"];

export interface ChosenFiles {
  readonly files: readonly string[];
  /** Of the same kind, but not run. */
  readonly leftOut: readonly string[];
}

export function isTestFile(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Its tests need another program, or take long. */
export function isFullTest(path: string): boolean {
  return path.endsWith(".full.test.ts");
}

/** Every test file of the repository, sorted. */
export function findTestFiles(rootDir: string): string[] {
  return FOLDERS.flatMap((folder) => listTestFiles(rootDir, join(rootDir, folder)));
}

function listTestFiles(rootDir: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(isTestFile)
    .map((name) => toTestPath(rootDir, join(folder, name)))
    .sort();
}

/** From the root with slashes where it is inside, as it is elsewhere. */
export function toTestPath(rootDir: string, path: string): string {
  const inside = relative(rootDir, path);
  return inside.startsWith("..") ? path : inside.replaceAll(sep, "/");
}

/** Throws when a path is none of tests. */
export function chooseFiles(
  known: readonly string[],
  { selection, paths }: Pick<RunArguments, "selection" | "paths">,
  rootDir: string = process.cwd(),
): ChosenFiles {
  if (paths.length > 0) {
    return { files: [...new Set(paths.flatMap((path) => namedFiles(path, rootDir)))], leftOut: [] };
  }
  const isChosen = (path: string): boolean =>
    selection === "all" || isFullTest(path) === (selection === "full");
  return {
    files: known.filter(isChosen),
    leftOut: known.filter((path) => !isChosen(path)),
  };
}

function namedFiles(path: string, rootDir: string): string[] {
  const absolute = resolve(rootDir, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`cannot run "${path}": there is no such file or folder`);
  const files = stat.isDirectory()
    ? listTestFiles(rootDir, absolute)
    : [absolute].filter(isTestFile).map((file) => toTestPath(rootDir, file));
  if (files.length === 0)
    throw new Error(`cannot run "${path}": it is no file of tests (*.test.ts)`);
  return files;
}
