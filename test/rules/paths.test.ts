// The rule that documents and comments name files that exist: a path from the root (`src/http/url.ts`,
// `docs/STYLE.md`), a file of a room (`http/url`), and a name alone (`url.ts`). What links point to exists
// as well.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { ROOM_ORDER } from "../shape/rooms.ts";
import {
  REPOSITORY_DIR,
  readRepositoryFile,
  readSourceFiles,
  readTypeScript,
  type SourceFile,
} from "./source-files.ts";
import { findComments, lineNumberAt, parseFiles } from "./syntax-tree.ts";

const TOP_FOLDERS = ["src", "test", "docs", "bench", "web", "bin", "examples", "deploy"];
const FIRST_NAMES = [...TOP_FOLDERS, ...ROOM_ORDER.flat()].join("|");

/** `src/http/url.ts`, `http/url`, `test/wire`; not what goes on behind it, as in `docs/a.html`. */
const PATH = new RegExp(
  String.raw`(?<![\w./~-])(?:${FIRST_NAMES})(?:/[a-z][\w-]*)+(?:\.[a-z]+)*(?!\.?[\w/*{-])`,
  "g",
);
/** A name of one letter is a sample: `x.ts`. */
const NAME = /(?<![\w./*-])[a-z][\w-]+(?:\.full)?(?:\.test)?\.ts(?![\w-])/g;
const LINK = /\]\((?!https?:)([^)#\s]+)/g;
/** Files that a sentence makes up. */
const SAMPLE = /(?:^|\/)x[.-]|\.(?:html|txt|pdf|bin)$/;

interface Place {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

function commentsOf(files: readonly SourceFile[]): Place[] {
  return parseFiles(files).flatMap((file) =>
    findComments(file).map(({ text, offset }) => ({
      path: file.path,
      line: lineNumberAt(file.text, offset),
      text,
    })),
  );
}

function linesOf(files: readonly SourceFile[]): Place[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").map((line, index) => ({ path, line: index + 1, text: line })),
  );
}

/** @param existing every file of the repository */
function findDeadPaths(places: readonly Place[], existing: readonly string[]): string[] {
  const known = new Set(existing.flatMap((path) => [path, ...foldersOf(path)]));
  const names = new Set(existing.map((path) => posix.basename(path)));
  const exists = (path: string): boolean =>
    [path, `${path}.ts`, `src/${path}`, `src/${path}.ts`].some((each) => known.has(each));
  return places.flatMap(({ path, line, text }) => [
    ...Array.from(text.matchAll(PATH), ([named]) => named)
      .filter((named) => !SAMPLE.test(named) && !exists(named))
      .map((named) => `${path}:${line} names ${named}, which does not exist.`),
    ...Array.from(text.matchAll(NAME), ([named]) => named)
      .filter((named) => !SAMPLE.test(named) && !names.has(named))
      .map((named) => `${path}:${line} names ${named}: no file has this name.`),
    ...Array.from(text.matchAll(LINK), ([, target = ""]) => target)
      .filter((target) => !known.has(posix.join(posix.dirname(path), target).replace(/\/$/, "")))
      .map((target) => `${path}:${line} has a link to ${target}, which does not exist.`),
  ]);
}

function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_name, index) => names.slice(0, index + 1).join("/"));
}

/** CHANGELOG.md is about files as they were. */
function readDocuments(): SourceFile[] {
  const atRoot = ["README.md", "CONTRIBUTING.md"];
  return [
    ...readSourceFiles("docs").filter(({ path }) => path.endsWith(".md")),
    ...atRoot.map((path) => ({ path, text: readRepositoryFile(path) })),
  ];
}

const EXISTING = [
  ...readdirSync(REPOSITORY_DIR, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name),
  ...readSourceFiles(...TOP_FOLDERS, ".ci").map(({ path }) => path),
];

test("documents name files that exist", () => {
  assert.deepEqual(findDeadPaths(linesOf(readDocuments()), EXISTING), []);
});

test("comments name files that exist", () => {
  assert.deepEqual(findDeadPaths(commentsOf(readTypeScript()), EXISTING), []);
});

const SAMPLES = ["README.md", "docs/A.md", "src/http/url.ts", "src/site/file/range.full.test.ts"];

function faultsIn(text: string): string[] {
  return findDeadPaths(linesOf([{ path: "docs/A.md", text }]), SAMPLES);
}

for (const text of [
  "as `src/http/uri.ts` does",
  "see src/hits.",
  "(`http/uri`)",
  "`site/file/ranges` and http/url",
  "what uri.ts makes",
  "[here](../src/http/uri.ts#a)",
  "[here](B.md)",
]) {
  test(`a path that leads nowhere is found [${text}]`, () => {
    assert.equal(faultsIn(text).length, 1);
  });
}

test("what exists, samples, and what is no path are not found", () => {
  const right = [
    "`src/http/url.ts`, `http/url`, `site/file`, url.ts, src/site/file/range.full.test.ts.",
    "[here](A.md#part), [there](../src/http/url.ts), [web](https://example.org/b.md)",
    "GET /docs/index.html, docs/a.html, x.ts, http/1.1, text/html, site/*.ts, test/artefacts/NAME.png",
  ];
  for (const text of right) assert.deepEqual(faultsIn(text), []);
});
