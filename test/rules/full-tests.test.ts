// The rule that `npm test` needs no other program: a test file that asks for one, by itself or through a
// fixture, ends in .full.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isTest, readTypeScript, type SourceFile } from "./source-files.ts";

/** Skips a test where a program is absent. */
const ASKING = "requireProgram";

/** These hold it to samples. */
const ABOUT_IT = [
  "test/fixtures/system-program.test.ts",
  "test/rules/ci.test.ts",
  "test/rules/full-tests.test.ts",
];

/** From its first line to the brace that stands alone. */
const FUNCTION = /^(?:export )?(?:async )?function (?<name>\w+)[\s\S]*?^}$/gm;

/** The names of all functions that ask for a program, by themselves or through each other. */
function findAskingFunctions(files: readonly SourceFile[]): string[] {
  const functions = files.flatMap(({ text }) =>
    Array.from(text.matchAll(FUNCTION), ({ 0: body, groups }) => ({ name: groups!.name!, body })),
  );
  const asking = new Set([ASKING]);
  for (let knownCount = 0; knownCount < asking.size; ) {
    knownCount = asking.size;
    for (const { name, body } of functions) {
      const calls = body.slice(body.indexOf("("));
      if ([...asking].some((known) => new RegExp(`\\b${known}\\(`).test(calls))) asking.add(name);
    }
  }
  return [...asking];
}

/** Tests that are run by `npm test`, and ask for a program. */
function findWrongTests(files: readonly SourceFile[]): string[] {
  const asking = findAskingFunctions(files.filter(({ path }) => !isTest(path)));
  return files
    .filter(({ path }) => isTest(path) && !path.endsWith(".full.test.ts"))
    .filter(({ path }) => !ABOUT_IT.includes(path))
    .flatMap(({ path, text }) => {
      const imports = [...text.matchAll(/^import [^;]*;/gm)].join("\n");
      const name = asking.find((known) => new RegExp(`\\b${known}\\b`).test(imports));
      if (name === undefined) return [];
      return [
        `${path} needs another program (${name}): rename it to ` +
          `${path.replace(/\.test\.ts$/, ".full.test.ts")}, or move the tests that do into such a file.`,
      ];
    });
}

test("a test that asks for a program is in a file that npm test leaves out", () => {
  assert.deepEqual(findWrongTests(readTypeScript()), []);
});

test("a test that asks for a program is found, by itself and through fixtures", () => {
  const fixtures: SourceFile[] = [
    {
      path: "test/fixtures/a.ts",
      text: 'export function findA(t) {\n  return requireProgram(t, "a", "a");\n}\n',
    },
    {
      path: "test/fixtures/b.ts",
      text: "export async function startB(t) {\n  const a = findA(t);\n}\nexport function other() {\n}\n",
    },
  ];
  const wrong = [
    'import { requireProgram } from "./fixtures/system-program.ts";',
    'import { findA } from "./fixtures/a.ts";',
    'import {\n  other,\n  startB,\n} from "./fixtures/b.ts";',
  ];
  for (const text of wrong) {
    const files = [...fixtures, { path: "test/c.test.ts", text }];
    assert.match(findWrongTests(files).join("\n"), /^test\/c\.test\.ts .* test\/c\.full\.test\.ts/);
  }
  const right: SourceFile[] = [
    { path: "test/c.full.test.ts", text: wrong[0]! },
    { path: "test/d.test.ts", text: 'import { other } from "./fixtures/b.ts";\nstartB(1);' },
  ];
  assert.deepEqual(findWrongTests([...fixtures, ...right]), []);
});
