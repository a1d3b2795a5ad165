// The files of the repository as the rules see them: a path from its root, and a text. A rule is a
// function of such files, so that it can be shown a made-up one that must fail it.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const REPOSITORY_DIR = join(import.meta.dirname, "../..");

export interface SourceFile {
  /** With slashes, from the root of the repository: `src/http/status.ts`. */
  readonly path: string;
  readonly text: string;
}

/** All files below the given folders of the repository, those that are absent left out. */
export function readSourceFiles(...folders: string[]): SourceFile[] {
  return readSourceFilesOf(REPOSITORY_DIR, ...folders);
}

/** The same of another checkout. */
export function readSourceFilesOf(rootDir: string, ...folders: string[]): SourceFile[] {
  return folders
    .flatMap((folder) => listFiles(rootDir, folder))
    .map((path) => ({ path, text: readFileSync(join(rootDir, path), "utf8") }));
}

/** The TypeScript of weir and of its tests. */
export function readTypeScript(): SourceFile[] {
  return readSourceFiles("src", "web", "test", "bench").filter(({ path }) => path.endsWith(".ts"));
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(REPOSITORY_DIR, path), "utf8");
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Files that start something when they are run; nothing imports them. */
export function isEntry(path: string): boolean {
  return path.endsWith("-thread.ts") || path.endsWith("/main.ts");
}

function listFiles(rootDir: string, folder: string): string[] {
  try {
    return readdirSync(join(rootDir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(rootDir, join(entry.parentPath, entry.name)))
      .map((path) => path.replaceAll("\\", "/"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
