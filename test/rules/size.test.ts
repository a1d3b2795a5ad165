// The rule of sizes (docs/STYLE.md): a file has at most 400 lines, a function at most 70.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFacts } from "../shape/source-facts.ts";
import { FILE_LINES_MAX, FUNCTION_LINES_MAX } from "../shape/tree-shape.ts";
import { readTypeScript, type SourceFile } from "./source-files.ts";

function findLongFiles(files: readonly SourceFile[]): string[] {
  return readFacts(files)
    .filter(({ lineCount }) => lineCount > FILE_LINES_MAX)
    .map(
      ({ path, lineCount }) =>
        `${path} has ${lineCount} lines, ${FILE_LINES_MAX} are allowed: it is two nouns, split it.`,
    );
}

function findLongFunctions(files: readonly SourceFile[]): string[] {
  return readFacts(files).flatMap(({ path, functions }) =>
    functions
      .filter(({ lineCount }) => lineCount > FUNCTION_LINES_MAX)
      .map(
        ({ name, line, lineCount }) =>
          `${path}:${line} ${name} has ${lineCount} lines, ${FUNCTION_LINES_MAX} are allowed: ` +
          "keep its decisions in it and push the calculations down.",
      ),
  );
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
