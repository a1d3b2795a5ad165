// The rule that imports go one way (docs/ARCHITECTURE.md): a folder of src/ imports only from
// folders that stand below it. Imports of types count too: they tie folders together as well.
//
// A command lives with what it drives, and needs the flag machine of src/cli as well: the files of a
// command (`load/command.ts`, `load/command-args.ts`) count as a folder of their own above all others,
// and so do the two files of src/cli that choose a command.

import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import {
  isEntry,
  isTest,
  readSourceFiles,
  readTypeScript,
  type SourceFile,
} from "./source-files.ts";
import { findImports, lineNumberAt, parseFiles } from "./syntax-tree.ts";

/** From the bottom up. A folder imports from lower lines only, never from its own line. */
const TIERS: readonly (readonly string[])[] = [
  ["base"],
  ["shared-memory", "http"],
  ["transport"],
  ["files", "listing", "hits", "limit", "access-log", "metrics"],
  ["admin", "store"],
  ["server", "load", "get"],
  ["lab"],
  ["cli"],
  ["commands"],
];

const COMMAND_FILE =
  /^src\/(?!cli\/).+\/command(-[a-z]+)?(\.test)?\.ts$|^src\/cli\/(main|command-list)(\.test)?\.ts$/;

/** The checked configuration: its own imports, and the only folders that see the whole of it. */
const CONFIG_IMPORTS = ["base"];
const CONFIG_IMPORTERS = ["server", "load", "lab", "get", "cli", "commands"];

function isAllowedImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === "config") return CONFIG_IMPORTS.includes(to);
  if (to === "config") return CONFIG_IMPORTERS.includes(from);
  return tierOf(to) >= 0 && tierOf(to) < tierOf(from);
}

function tierOf(folder: string): number {
  return TIERS.findIndex((tier) => tier.includes(folder));
}

function folderOf(path: string): string {
  if (COMMAND_FILE.test(path)) return "commands";
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
}

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
    .filter(({ from, to }) => !isAllowedImport(folderOf(from), folderOf(to)))
    .map(
      ({ from, line, to }) =>
        `${from}:${line} imports ${to}: ${folderOf(from)} must not know ${folderOf(to) || "what is outside src"}. ` +
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
  const known = [...TIERS.flat(), "config"];
  const folders = new Set(files.map(({ path }) => folderOf(path)));
  return [...folders]
    .filter((folder) => !known.includes(folder))
    .map((folder) => `src/${folder} has no place in the order of imports: give it one in TIERS.`);
}

function readTypeScriptOfSource(): SourceFile[] {
  return readSourceFiles("src").filter(({ path }) => path.endsWith(".ts"));
}

test("imports in src/ go one way", () => {
  assert.deepEqual(findWrongImports(readTypeScriptOfSource()), []);
});

const WRONG_IMPORTS: readonly [string, string][] = [
  ["src/http/a.ts", 'import { b } from "../files/b.ts";'],
  ["src/http/a.ts", 'import type { B } from "../server/b.ts";'],
  ["src/http/a.ts", 'type B = import("../cli/b.ts").B;'],
  ["src/http/a.ts", 'export * from "../limit/b.ts";'],
  ["src/load/a.ts", 'import { b } from "../cli/b.ts";'],
  ["src/load/a.ts", 'import { b } from "./command.ts";'],
  ["src/hits/a.ts", 'const b = await import("../limit/b.ts");'],
  ["src/limit/a.ts", 'import type { ServeConfig } from "../config/serve-config.ts";'],
  ["src/config/a.ts", 'import { b } from "../http/b.ts";'],
  ["src/base/a.ts", 'import { b } from "../config/b.ts";'],
  ["src/cli/a.ts", 'import { b } from "../../test/b.ts";'],
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

test("an import along the direction is none [server: config, http, limit, itself, node:net]", () => {
  const text = ["../config/a.ts", "../http/a.ts", "../limit/a.ts", "./b.ts", "node:net"]
    .map((specifier) => `import {} from "${specifier}";`)
    .join("\n");
  assert.deepEqual(findWrongImports([{ path: "src/server/a.ts", text }]), []);
});

test("a command imports what it drives and the flag machine [load, cli, config]", () => {
  const text = ["./a.ts", "../cli/a.ts", "../config/a.ts"]
    .map((specifier) => `import {} from "${specifier}";`)
    .join("\n");
  const files = ["command.ts", "command-args.ts"].map((name) => ({
    path: `src/load/${name}`,
    text,
  }));
  assert.deepEqual(findWrongImports(files), []);
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
    { path: "src/server/server-thread.ts", text: "" },
  ];
  assert.match(findUnusedFiles(files).join("\n"), /^src\/http\/unused\.ts is imported by no file/);
});

test("every folder of src/ has a place in the order of imports", () => {
  assert.deepEqual(findUnknownFolders(readTypeScriptOfSource()), []);
});

test("a folder without a place is found [src/drawer]", () => {
  assert.equal(findUnknownFolders([{ path: "src/drawer/a.ts", text: "" }]).length, 1);
});
