import assert from "node:assert/strict";
import { test } from "node:test";
import { isProgram, readFacts } from "./source-facts.ts";

function factsOf(text: string) {
  const [facts] = readFacts([{ path: "src/a/a.ts", text }]);
  assert.ok(facts !== undefined);
  return facts;
}

test("a file's lines end with its last text, and each file that it imports counts once", () => {
  const { lineCount, imports } = factsOf(
    'import { b } from "../b/b.ts";\nimport type { B } from "../b/b.ts";\nimport "node:fs";\nb();\n\n',
  );
  assert.equal(lineCount, 4);
  assert.deepEqual(imports, ["src/b/b.ts"]);
});

test("tests, .d.ts files and what is not TypeScript are no part of the program", () => {
  const paths = ["src/a/a.test.ts", "src/a/a.full.test.ts", "src/a/a.d.ts", "src/a/a.css"];
  assert.deepEqual(
    [...paths, "src/a/a.ts"].filter((path) => isProgram({ path })),
    ["src/a/a.ts"],
  );
});

test("functions have names, first lines and lengths [declaration, arrow, method, private accessor]", () => {
  const { functions } = factsOf(
    "function a() {\n}\nconst b = () => 1;\nclass C {\n  async #d(\n  ) {\n  }\n  get e() { return 1; }\n}\n",
  );
  assert.deepEqual(
    functions.map(({ name, line, lineCount }) => [name, line, lineCount]),
    [
      ["function a", 1, 2],
      ["a function", 3, 1],
      ["async #d", 5, 3],
      ["get e", 8, 1],
    ],
  );
});

const WAITS: readonly [string, boolean][] = [
  ["async function a() { await b; }", true],
  ["const a = async () => await b;", true],
  ["async function a() { for await (const b of c) {} }", true],
  ["async function a() { await using b = c; }", true],
  ["async function a() { if (b) { return [await c]; } }", true],
  ["async function a() { return b(); }", false],
  ["async function a() { for (const b of c) {} }", false],
  ["async function a() { c.map(async (b) => { await b; }); }", false],
  ["class A { async a() {} }", false],
];

for (const [text, waits] of WAITS) {
  test(`an async function ${waits ? "waits" : "never waits"} [${text}]`, () => {
    assert.deepEqual(factsOf(text).functions[0]?.waits, waits);
    assert.equal(factsOf(text).functions[0]?.isAsync, true);
  });
}

test("an async generator is distinguished from other functions", () => {
  assert.equal(factsOf("async function* a() {}").functions[0]?.isGenerator, true);
  assert.equal(factsOf("async function a() {}").functions[0]?.isGenerator, false);
});

test("line ends of HTTP count in strings and templates, by line, and not in comments and patterns", () => {
  const { lineEndLines } = factsOf(
    [
      String.raw`const a = "b\r\nc\r\n";`,
      "const d = `",
      ["e\\r\\n$", "{f}\\r\\n`;"].join(""),
      String.raw`// \r\n`,
      String.raw`const g = /\r\n/;`,
    ].join("\n"),
  );
  assert.deepEqual(lineEndLines, [1, 1, 3, 3]);
});

test("members that say private are found by line; a constructor is not [field, method]", () => {
  const { privateLines } = factsOf(
    "class A {\n  private readonly b = 1;\n  private constructor() {}\n  private async c() {}\n  #d = 'private';\n}\n",
  );
  assert.deepEqual(privateLines, [2, 4]);
});

test("constants of the module that are literals, or calculated of literals, have names and lines", () => {
  const { plainConstants } = factsOf(
    [
      'const a = 1, b = "b";',
      "export const c: number = -(2 * 3);",
      "const D = /d/;",
      "let e = 1;",
      "const f = { a: 1 };",
      "const g = () => {",
      "  const h = 1;",
      "};",
      "const i = size(1) + 1;",
      "const j = a + 1;",
    ].join("\n"),
  );
  assert.deepEqual(
    plainConstants.map(({ name, line }) => `${line} ${name}`),
    ["1 a", "1 b", "2 c", "3 D"],
  );
});
