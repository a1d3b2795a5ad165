// The rules of names and words (docs/STYLE.md): no drawers, no forms that hide what is not done, a
// comment at the head of each file, a file beside each unit test, nothing of a private machine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SyntaxKind } from "typescript/unstable/ast";
import { ROOM_ORDER } from "../shape/rooms.ts";
import {
  isEntry,
  isTest,
  readSourceFiles,
  readTypeScript,
  type SourceFile,
} from "./source-files.ts";
import { findComments, lineNumberAt, parseFiles, walkTree } from "./syntax-tree.ts";

type Rule = (files: readonly SourceFile[]) => string[];

const DRAWERS = ["util", "utils", "helper", "helpers", "common", "misc", "lib"];

/** Folders where people keep checkouts; the slash before the name of the person is part of it. */
const PRIVATE_PATH = /(?<![\w.])\/(home|Users|root|builds)\/\w/;

function findDrawers(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path }) => {
    const names = path.split("/").map((name) => name.replace(/(\.full)?(\.test)?\.\w+$/, ""));
    const drawer = names.find((name) => DRAWERS.includes(name));
    if (drawer === undefined) return [];
    return [`${path}: "${drawer}" says nothing. Name it after the noun that it holds.`];
  });
}

function findBannedComments(files: readonly SourceFile[]): string[] {
  return parseFiles(files).flatMap((file) =>
    findComments(file).flatMap(({ text, offset }) => {
      const where = `${file.path}:${lineNumberAt(file.text, offset)}`;
      const word = /\b(FIXME|XXX)\b|@ts-(ignore|nocheck)|\bTODO\b(?!: \S+ \S+ \S+)/.exec(text)?.[0];
      if (word === undefined) return [];
      return [
        `${where} has ${word}: fix it now. What must stay is "TODO: " and the reason, or ` +
          "@ts-expect-error and the reason.",
      ];
    }),
  );
}

function findBannedForms(files: readonly SourceFile[]): string[] {
  // A .d.ts only says what another package exports.
  const own = files.filter(({ path }) => !path.endsWith(".d.ts"));
  return parseFiles(own).flatMap(({ path, text, root }) => {
    const faults: string[] = [];
    walkTree(root, (node) => {
      const where = `${path}:${lineNumberAt(text, node.getStart())}`;
      if (node.kind === SyntaxKind.AsExpression && /\bas\s+any$/.test(node.getText())) {
        faults.push(`${where} says "as any": narrow the value, or name its type.`);
      }
      const isDefault =
        node.kind === SyntaxKind.ExportAssignment || node.kind === SyntaxKind.DefaultKeyword;
      const isSwitch = node.parent?.kind === SyntaxKind.DefaultClause;
      if (isDefault && !isSwitch) faults.push(`${where} exports a default: export it by its name.`);
    });
    return faults;
  });
}

function findFilesWithoutHead(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !isTest(path))
    .filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text))
    .map(({ path }) => `${path} does not open with a comment: what it does, who calls it.`);
}

/** A file may have several tests: `x.test.ts`, `x-topic.test.ts`. */
function findLonelyTests(files: readonly SourceFile[]): string[] {
  const sources = files
    .filter(({ path }) => !isTest(path))
    .map(({ path }) => path.replace(/\.ts$/, ""));
  const isAbout = (testPath: string): boolean =>
    sources.some((source) => testPath === source || testPath.startsWith(`${source}-`));
  return files
    .filter(({ path }) => isTest(path) && !isAbout(path.replace(/(\.full)?\.test\.ts$/, "")))
    .map(
      ({ path }) =>
        `${path}: no file beside it has a name that this one begins with: rename it, or move it to test/.`,
    );
}

/** Folders of test/ that are about more than one room; CONTRIBUTING.md says what each is for. */
const CROSS_CUTTING = [
  ...["bench", "browser", "concurrency", "conformance", "contract", "cost", "deploy", "examples"],
  ...["fixtures", "fuzz", "programs", "proxies", "rules", "runner", "shape", "wire"],
];

function findStrayTestFolders(files: readonly SourceFile[]): string[] {
  const known = new Set([...ROOM_ORDER.flat(), ...CROSS_CUTTING]);
  const folders = new Set(files.map(({ path }) => /^test\/([^/]+)\//.exec(path)?.[1] ?? "rules"));
  return [...folders]
    .filter((folder) => !known.has(folder))
    .map((folder) => `test/${folder} is no room of src/: move its tests to the room they test.`);
}

function findPrivatePaths(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const match = PRIVATE_PATH.exec(text);
    if (match === null) return [];
    return [
      `${path}:${lineNumberAt(text, match.index)} names a folder of one machine: ${match[0]}…`,
    ];
  });
}

/** Statements that only declare; an assertion may stand among them and guard the constants. */
const DECLARATIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.ImportDeclaration,
  SyntaxKind.ExportDeclaration,
  SyntaxKind.ExportAssignment,
  SyntaxKind.VariableStatement,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.ModuleDeclaration,
  SyntaxKind.EndOfFile,
]);

function findEffects(files: readonly SourceFile[]): string[] {
  const passive = files.filter(({ path }) => !isTest(path) && !isEntry(path));
  return parseFiles(passive).flatMap(({ path, text, root }) => {
    const faults: string[] = [];
    root.forEachChild((node) => {
      if (DECLARATIONS.has(node.kind) || /^assert\(/.test(node.getText())) return;
      const line = lineNumberAt(text, node.getStart());
      faults.push(`${path}:${line} does something when imported: put it into a function.`);
    });
    return faults;
  });
}

const source = (): SourceFile[] =>
  readSourceFiles("src").filter(({ path }) => path.endsWith(".ts"));

interface RuleTest {
  readonly sentence: string;
  readonly rule: Rule;
  readonly files: () => SourceFile[];
  readonly wrong: readonly SourceFile[];
  readonly right: readonly SourceFile[];
}

function at(path: string, text = ""): SourceFile {
  return { path, text };
}

const RULES: readonly RuleTest[] = [
  {
    sentence: "no folder and no file is a drawer",
    rule: findDrawers,
    files: () => readSourceFiles("src", "test", "bench", "web", "bin"),
    wrong: DRAWERS.flatMap((name) => [at(`src/${name}/a.ts`), at(`src/http/${name}.test.ts`)]),
    right: [at("src/http/common-log.ts"), at("src/http/library.ts")],
  },
  {
    sentence: "no comment says FIXME, XXX, @ts-ignore, or TODO without a reason",
    rule: findBannedComments,
    files: readTypeScript,
    wrong: [
      at("src/a/a.ts", "// FIXME later"),
      at("src/a/b.ts", "/* XXX */"),
      at("src/a/c.ts", "// @ts-ignore"),
      at("src/a/d.ts", "// TODO"),
      at("src/a/e.ts", "/** TODO: later */"),
    ],
    right: [
      at("src/a/a.ts", "// TODO: drop this when Node 28 is the lowest version"),
      at("src/a/b.ts", 'const word = "FIXME"; const pattern = /XXX/;'),
      at("src/a/c.ts", "// @ts-expect-error: the types are wrong"),
    ],
  },
  {
    sentence: "no cast to any, no default export",
    rule: findBannedForms,
    files: readTypeScript,
    wrong: [
      at("src/a/a.ts", "const a = b as any;"),
      at("src/a/b.ts", "export default 1;"),
      at("src/a/c.ts", "export default function a() {}"),
      at("src/a/d.ts", "const a = (b as\n  any).c;"),
    ],
    right: [at("src/a/a.ts", 'const a = "as any"; switch (a) { default: }')],
  },
  {
    sentence: "every file of src/ opens with a comment",
    rule: findFilesWithoutHead,
    files: source,
    wrong: [at("src/a/a.ts", 'import "./b.ts";\n// late'), at("src/a/b.ts", "\n// after a line")],
    right: [
      at("src/a/a.ts", "// What it does."),
      at("src/a/b.ts", "#!/usr/bin/env node\n/** It. */"),
    ],
  },
  {
    sentence: "the name of every unit test begins with the name of a file beside it",
    rule: findLonelyTests,
    files: source,
    wrong: [at("src/a/a.test.ts"), at("src/a/a-b.test.ts")],
    right: [
      at("src/a/b.ts"),
      at("src/a/b.test.ts"),
      at("src/a/b.full.test.ts"),
      at("src/a/b-c.test.ts"),
      at("src/a/b-c-d.full.test.ts"),
    ],
  },
  {
    sentence: "every folder of test/ is named as a room, or cuts across the rooms",
    rule: findStrayTestFolders,
    files: readTypeScript,
    wrong: [at("test/server/a.test.ts"), at("test/files/b/c.test.ts")],
    right: [at("test/limit/a.test.ts"), at("test/site/file/a.test.ts"), at("test/wire/a.md")],
  },
  {
    sentence: "nothing in src/, web/ and bin/ names a folder of one machine",
    rule: findPrivatePaths,
    files: () => readSourceFiles("src", "web", "bin"),
    wrong: [
      at("src/a/a.ts", 'const dir = "/home/anna/weir";'),
      at("src/a/b.ts", "// see /root/notes.md"),
      at("web/a.html", "<a href='/Users/anna/x'>"),
    ],
    right: [at("src/a/a.ts", '"https://example.org/home/page"; "/network/x"; "./root/x"; "/home"')],
  },
  {
    sentence: "importing a file of src/ has no effect",
    rule: findEffects,
    files: source,
    wrong: [
      at("src/a/a.ts", "start();"),
      at("src/a/b.ts", "if (x) y();"),
      at("src/a/c.ts", "process.exitCode = 1;"),
    ],
    right: [
      at("src/a/a.ts", 'import "x"; assert(1 < 2, "order"); export const a = 1; type B = 1;'),
      at("src/a/a-thread.ts", "start();"),
      at("src/cli/main.ts", "start();"),
    ],
  },
];

for (const { sentence, rule, files, wrong, right } of RULES) {
  test(sentence, () => {
    assert.deepEqual(rule(files()), []);
  });
  test(`${sentence}: the rule finds each of ${wrong.length} samples, and not what is right`, () => {
    for (const file of wrong) assert.equal(rule([file]).length, 1, `${file.path}: ${file.text}`);
    assert.deepEqual(rule(right), []);
  });
}
