// The figures of the shape of a tree, from the facts of its files: how many and how long, who imports whom,
// what a change has to touch. Pure; main.ts prints them, and rules hold some of them.

import { isEntry } from "../rules/source-files.ts";
import type { FileFacts, FunctionFacts } from "./source-facts.ts";

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;
/** A shorter file with one importer belongs into that file. */
export const TINY_FILE_LINES = 25;

export interface Sizes {
  readonly count: number;
  readonly lines: number;
  readonly medianLines: number;
}

/** A place and a number of lines: a file, or a function with its name. */
export interface Longest {
  readonly where: string;
  readonly lines: number;
}

export interface TreeShape {
  readonly files: Sizes;
  /** What the server itself is made of: without the programs beside it and their pages. */
  readonly serverFiles: Sizes;
  readonly longestFile: Longest;
  readonly filesWithOneImporter: readonly string[];
  readonly tinyFiles: readonly string[];
  readonly functions: Sizes;
  readonly longestFunction: Longest;
  /** Files that import each other in a circle; each circle once, sorted. */
  readonly importCycles: readonly (readonly string[])[];
  /** By boolean flag: the files that name it. */
  readonly flagPlaces: Readonly<Record<string, readonly string[]>>;
  readonly medianFlagPlaces: number;
  /** By file that has no business with them: how often it writes `\r\n`. */
  readonly lineEnds: Readonly<Record<string, number>>;
  /** `path:line name` of each `async` function without an `await`. */
  readonly asyncWithoutWait: readonly string[];
  /** Files and functions with more lines than are allowed. */
  readonly oversized: readonly string[];
}

/** One room of src/. */
export interface RoomSizes {
  readonly room: string;
  readonly sizes: Sizes;
  readonly longestLines: number;
  /** Its files that other rooms import. */
  readonly faceFiles: readonly string[];
}

export interface ShapeQuestion {
  /** The files of the server itself. */
  readonly isServer: (path: string) => boolean;
  /** The files that may write `\r\n`: the engines, and other formats with such lines. */
  readonly mayEndLines: (path: string) => boolean;
  /** Names of the flags that are on or off, as typed: `clean-urls`. */
  readonly booleanFlags: readonly string[];
}

export function shapeOf(files: readonly FileFacts[], question: ShapeQuestion): TreeShape {
  const functions = files.flatMap(({ path, functions }) =>
    functions.map((facts) => ({ where: `${path}:${facts.line} ${facts.name}`, ...facts })),
  );
  const importers = importersOf(files);
  const flagPlaces = Object.fromEntries(
    question.booleanFlags.map((flag) => [flag, filesThatName(files, flag)]),
  );
  return {
    files: sizesOf(files),
    serverFiles: sizesOf(files.filter(({ path }) => question.isServer(path))),
    longestFile: longestOf(files.map(({ path, lineCount }) => ({ where: path, lineCount }))),
    filesWithOneImporter: files
      .filter(({ path }) => importers.get(path)?.length === 1)
      .map(({ path }) => path),
    tinyFiles: files.filter(isTiny).map(({ path }) => path),
    functions: sizesOf(functions),
    longestFunction: longestOf(functions),
    importCycles: findCycles(files),
    flagPlaces,
    medianFlagPlaces: median(Object.values(flagPlaces).map(({ length }) => length)),
    lineEnds: countLineEnds(files.filter(({ path }) => !question.mayEndLines(path))),
    asyncWithoutWait: functions.filter(isAsyncInVain).map(({ where }) => where),
    oversized: [
      ...files.filter(({ lineCount }) => lineCount > FILE_LINES_MAX).map(({ path }) => path),
      ...functions
        .filter(({ lineCount }) => lineCount > FUNCTION_LINES_MAX)
        .map(({ where }) => where),
    ],
  };
}

/** The rooms by name, each with its files and with what other rooms import of it. */
export function roomsOf(
  files: readonly FileFacts[],
  roomOf: (path: string) => string,
): RoomSizes[] {
  const importers = importersOf(files);
  const isFace = (path: string): boolean =>
    importers.get(path)?.some((importer) => roomOf(importer) !== roomOf(path)) ?? false;
  return Object.entries(Object.groupBy(files, ({ path }) => roomOf(path)))
    .filter(([room]) => room !== "")
    .map(([room, own = []]) => ({
      room,
      sizes: sizesOf(own),
      longestLines: Math.max(...own.map(({ lineCount }) => lineCount)),
      faceFiles: own.map(({ path }) => path).filter(isFace),
    }))
    .sort((a, b) => (a.room < b.room ? -1 : 1));
}

/** By file: who imports it. A file that nothing imports is absent. */
export function importersOf(files: readonly FileFacts[]): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const { path, imports } of files) {
    for (const imported of imports) {
      importers.set(imported, [...(importers.get(imported) ?? []), path]);
    }
  }
  return importers;
}

export function isTiny({ lineCount }: FileFacts): boolean {
  return lineCount < TINY_FILE_LINES;
}

/** Its callers get a promise for nothing. A generator is `async` for what it is handed to. */
export function isAsyncInVain({ isAsync, isGenerator, waits }: FunctionFacts): boolean {
  return isAsync && !isGenerator && !waits;
}

/** The middle one, or the mean of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? 0;
  const high = sorted[Math.floor(middle)] ?? 0;
  return (low + high) / 2;
}

function sizesOf(parts: readonly { readonly lineCount: number }[]): Sizes {
  const lines = parts.map(({ lineCount }) => lineCount);
  return {
    count: lines.length,
    lines: lines.reduce((sum, count) => sum + count, 0),
    medianLines: median(lines),
  };
}

function longestOf(parts: readonly { where: string; lineCount: number }[]): Longest {
  return parts.reduce<Longest>(
    (longest, { where, lineCount }) =>
      lineCount > longest.lines ? { where, lines: lineCount } : longest,
    { where: "", lines: 0 },
  );
}

/** The files whose code has the flag's name, as it is typed (`clean-urls`) or as a key (`cleanUrls`). */
function filesThatName(files: readonly FileFacts[], flag: string): string[] {
  const key = flag.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
  return files.filter(({ words }) => words.has(flag) || words.has(key)).map(({ path }) => path);
}

function countLineEnds(files: readonly FileFacts[]): Record<string, number> {
  return Object.fromEntries(
    files
      .filter(({ lineEndLines }) => lineEndLines.length > 0)
      .map(({ path, lineEndLines }) => [path, lineEndLines.length]),
  );
}

/** The strongly connected parts of the imports, by Tarjan's algorithm; parts of one file are none. */
export function findCycles(files: readonly FileFacts[]): string[][] {
  // A thread is started and not imported: it may know the file that starts it.
  const importsByPath = new Map(
    files.map(({ path, imports }) => [path, imports.filter((imported) => !isEntry(imported))]),
  );
  const orders = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];

  const visit = (path: string): void => {
    orders.set(path, orders.size);
    lowest.set(path, orders.size - 1);
    stack.push(path);
    for (const imported of importsByPath.get(path) ?? []) {
      if (!importsByPath.has(imported)) continue;
      if (!orders.has(imported)) visit(imported);
      if (stack.includes(imported)) {
        lowest.set(path, Math.min(lowest.get(path)!, lowest.get(imported)!));
      }
    }
    if (lowest.get(path) !== orders.get(path)) return;
    const part = stack.splice(stack.indexOf(path));
    if (part.length > 1 || importsByPath.get(path)?.includes(path)) cycles.push(part.sort());
  };

  for (const { path } of files) {
    if (!orders.has(path)) visit(path);
  }
  return cycles;
}
