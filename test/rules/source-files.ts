// The files of the repository as the rules see them: a path from its root, and a text. A rule is a
// function of such files, so that it can be shown a made-up one that must fail it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const REPOSITORY_DIR = join(import.meta.dirname, "../..");

export interface SourceFile {
  /** With slashes, from the root of the repository: `src/http/status.ts`. */
  readonly path: string;
  readonly text: string;
}

/** All files below the given folders of the repository, those that are absent left out. */
export function readSourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap(listFiles).map((path) => ({ path, text: readRepositoryFile(path) }));
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

function listFiles(folder: string): string[] {
  try {
    return readdirSync(join(REPOSITORY_DIR, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(REPOSITORY_DIR.length + 1))
      .map((path) => path.replaceAll("\\", "/"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
