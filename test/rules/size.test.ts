// The rule of sizes (docs/STYLE.md): a file has at most 400 lines, a function at most 70.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { readTypeScript, type SourceFile } from "./source-files.ts";
import { lineNumberAt, parseFiles, walkTree } from "./syntax-tree.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

function findLongFiles(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lineCount = text.trimEnd().split("\n").length;
    if (lineCount <= FILE_LINES_MAX) return [];
    return [
      `${path} has ${lineCount} lines, ${FILE_LINES_MAX} are allowed: it is two nouns, split it.`,
    ];
  });
}

function findLongFunctions(files: readonly SourceFile[]): string[] {
  return parseFiles(files).flatMap(({ path, text, root }) => {
    const faults: string[] = [];
    walkTree(root, (node) => {
      if (!FUNCTIONS.has(node.kind)) return;
      const firstLine = lineNumberAt(text, node.getStart());
      const lineCount = lineNumberAt(text, node.end) - firstLine + 1;
      if (lineCount <= FUNCTION_LINES_MAX) return;
      faults.push(
        `${path}:${firstLine} ${nameOf(node)} has ${lineCount} lines, ${FUNCTION_LINES_MAX} are ` +
          "allowed: give the parts of it names of their own.",
      );
    });
    return faults;
  });
}

function nameOf(node: Node): string {
  return /^[^({]*/.exec(node.getText())?.[0].trim() || "a function";
}

test("no file has more lines than fit in a head", () => {
  assert.deepEqual(findLongFiles(readTypeScript()), []);
});

test("a file of 401 lines is found, one of 400 is not", () => {
  const lines = "x;\n".repeat(FILE_LINES_MAX);
  assert.deepEqual(findLongFiles([{ path: "src/a/a.ts", text: lines }]), []);
  assert.equal(findLongFiles([{ path: "src/a/a.ts", text: `${lines}x;\n` }]).length, 1);
});

test("no function has more lines than fit on a screen", () => {
  assert.deepEqual(findLongFunctions(readTypeScript()), []);
});

const FUNCTION_FORMS: readonly [string, string][] = [
  ["function a() {", "}"],
  ["const a = () => {", "};"],
  ["const a = function () {", "};"],
  ["class A { a() {", "} }"],
  ["class A { constructor() {", "} }"],
  ["class A { get a() {", "} }"],
  ["const a = { set a(value) {", "} };"],
];

for (const [start, end] of FUNCTION_FORMS) {
  test(`a function of 71 lines is found, one of 70 is not [${start}]`, () => {
    const body = "x;\n".repeat(FUNCTION_LINES_MAX - 2);
    const comment = "/** Not counted. */\n";
    const fits = `${comment}${start}\n${body}${end}\n`;
    assert.deepEqual(findLongFunctions([{ path: "src/a/a.ts", text: fits }]), []);
    const isLong = `${comment}${start}\n${body}x;\n${end}\n`;
    assert.equal(findLongFunctions([{ path: "src/a/a.ts", text: isLong }]).length, 1);
  });
}
