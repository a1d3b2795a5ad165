// The rule that imports go one way (docs/ARCHITECTURE.md): a room of src/ imports only from rooms that stand
// below it. Imports of types count too: they tie rooms together as well.

import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { CONFIG_READERS, placeOf, ROOM_ORDER } from "../shape/rooms.ts";
import {
  isEntry,
  isTest,
  readSourceFiles,
  readTypeScript,
  type SourceFile,
} from "./source-files.ts";
import { findImports, lineNumberAt, parseFiles } from "./syntax-tree.ts";

const CONFIG = "config";

function isAllowedImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (to === CONFIG && !CONFIG_READERS.includes(from)) return false;
  const tier = TIERS.get(to);
  const tierAbove = TIERS.get(from);
  return tier !== undefined && tierAbove !== undefined && tier < tierAbove;
}

/** By name of a room: how high it stands. */
const TIERS: ReadonlyMap<string, number> = new Map(
  ROOM_ORDER.flatMap((rooms, tier) => rooms.map((room): [string, number] => [room, tier])),
);

/** Relative imports: the path of the importing file, its line, and the path of what it imports. */
function findRelativeImports(files: readonly SourceFile[]) {
  return parseFiles(files).flatMap((file) =>
    findImports(file)
      .filter(({ specifier }) => /^\..*\.ts$/.test(specifier))
      .map(({ specifier, offset }) => ({
        from: file.path,
        line: lineNumberAt(file.text, offset),
        to: posix.join(posix.dirname(file.path), specifier),
      })),
  );
}

function findWrongImports(files: readonly SourceFile[]): string[] {
  return findRelativeImports(files)
    .filter(({ from, to }) => !(isTest(from) && to.startsWith("test/fixtures/")))
    .filter(({ from, to }) => !isAllowedImport(placeOf(from), placeOf(to)))
    .map(
      ({ from, line, to }) =>
        `${from}:${line} imports ${to}: ${placeOf(from)} must not know ${placeOf(to) || "what is outside src"}. ` +
        "Hand the value in as an argument, or move what both need to a folder below both.",
    );
}

/** A file of src/ that only a unit test imports is not used either. */
function findUnusedFiles(files: readonly SourceFile[]): string[] {
  const isUnitTest = (path: string): boolean => isTest(path) && path.startsWith("src/");
  const used = new Set(
    findRelativeImports(files.filter(({ path }) => !isUnitTest(path))).map(({ to }) => to),
  );
  return files
    .map(({ path }) => path)
    .filter((path) => path.startsWith("src/") && !path.endsWith(".d.ts"))
    .filter((path) => !isTest(path) && !isEntry(path) && !used.has(path))
    .map((path) => `${path} is imported by no file but unit tests: use it or delete it.`);
}

function findUnknownFolders(files: readonly SourceFile[]): string[] {
  const folders = new Set(files.map(({ path }) => placeOf(path)));
  return [...folders]
    .filter((folder) => !TIERS.has(folder))
    .map(
      (folder) => `src/${folder} has no place in the order of imports: give it one in ROOM_ORDER.`,
    );
}

function readTypeScriptOfSource(): SourceFile[] {
  return readSourceFiles("src").filter(({ path }) => path.endsWith(".ts"));
}

test("imports in src/ go one way", () => {
  assert.deepEqual(findWrongImports(readTypeScriptOfSource()), []);
});

const WRONG_IMPORTS: readonly [string, string][] = [
  ["src/page/a.ts", 'import { b } from "../site/b.ts";'],
  ["src/http1/a.ts", 'import type { B } from "../request/b.ts";'],
  ["src/http1/a.ts", 'type B = import("../cli/b.ts").B;'],
  ["src/http1/a.ts", 'export * from "../http2/b.ts";'],
  ["src/site/file/a.ts", 'import { b } from "../../serve/b.ts";'],
  ["src/hits/a.ts", 'const b = await import("../limit/b.ts");'],
  ["src/limit/a.ts", 'import type { ServeConfig } from "../config/serve-config.ts";'],
  ["src/load/a.ts", 'import { b } from "../cli/b.ts";'],
  ["src/load/a.ts", 'import { b } from "./command.ts";'],
  ["src/config/a.ts", 'import { b } from "../page/b.ts";'],
  ["src/base/a.ts", 'import { b } from "../config/b.ts";'],
  ["src/cli/a.ts", 'import { b } from "../../test/b.ts";'],
  ["src/serve/a.ts", 'import { b } from "../cli/b.ts";'],
  ["src/kernel/a.ts", 'import { b } from "../transport/b.ts";'],
  ["src/drawer/a.ts", 'import { b } from "../base/b.ts";'],
];

for (const [path, text] of WRONG_IMPORTS) {
  test(`an import against the direction is found [${path}: ${text}]`, () => {
    assert.equal(findWrongImports([{ path, text }]).length, 1);
  });
}

test("a unit test may use the fixtures of the tests", () => {
  const text = 'import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";';
  assert.deepEqual(findWrongImports([{ path: "src/http/a.test.ts", text }]), []);
});

test("an import along the direction is none [serve: config, http1, site/file, itself, node:net]", () => {
  const text = ["../config/a.ts", "../http1/a.ts", "../site/file/a.ts", "./b.ts", "node:net"]
    .map((specifier) => `import {} from "${specifier}";`)
    .join("\n");
  assert.deepEqual(findWrongImports([{ path: "src/serve/a.ts", text }]), []);
});

test("a command knows the flag machine and what it drives [load/command.ts, cli/command-list.ts]", () => {
  const files = [
    { path: "src/load/command.ts", text: 'import "../cli/flag.ts"; import "./plan.ts";' },
    { path: "src/cli/command-list.ts", text: 'import "../load/command.ts";' },
  ];
  assert.deepEqual(findWrongImports(files), []);
});

test("a folder in a room belongs to the room [site/mount imports site/file]", () => {
  const text = 'import { b } from "../file/b.ts";';
  assert.deepEqual(findWrongImports([{ path: "src/site/mount/a.ts", text }]), []);
});

test("every file in src/ is imported by another that is not its test", () => {
  assert.deepEqual(findUnusedFiles(readTypeScript()), []);
});

test("a file that only its test imports is found; a thread, main.ts and what is used are not", () => {
  const files = [
    { path: "src/http/unused.ts", text: "" },
    { path: "src/http/unused.test.ts", text: 'import "./unused.ts";' },
    { path: "src/http/used.ts", text: "" },
    { path: "src/cli/main.ts", text: 'import "../http/used.ts";' },
    { path: "src/serve/server-thread.ts", text: "" },
  ];
  assert.match(findUnusedFiles(files).join("\n"), /^src\/http\/unused\.ts is imported by no file/);
});

test("every folder of src/ has a place in the order of imports", () => {
  assert.deepEqual(findUnknownFolders(readTypeScriptOfSource()), []);
});

test("a folder without a place is found [src/drawer]", () => {
  assert.equal(findUnknownFolders([{ path: "src/drawer/a.ts", text: "" }]).length, 1);
});
