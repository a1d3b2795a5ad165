// The rules of shape (docs/STYLE.md): what `npm run shape` measures and must not grow again. A rule that the
// tree does not keep yet has a number of known faults, which may only be lowered; at 0 the rule holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KERNEL_ROOMS, LINE_END_FORMATS, mayEndLines, roomOf } from "../shape/rooms.ts";
import { type FileFacts, isProgram, readFacts } from "../shape/source-facts.ts";
import {
  findCycles,
  importersOf,
  isAsyncInVain,
  isTiny,
  TINY_FILE_LINES,
} from "../shape/tree-shape.ts";
import { readSourceFiles, readTypeScript, type SourceFile } from "./source-files.ts";

function findLineEnds(facts: readonly FileFacts[]): string[] {
  return facts
    .filter(({ path }) => !mayEndLines(path))
    .flatMap(({ path, lineEndLines }) =>
      lineEndLines.map(
        (line) =>
          `${path}:${line} writes \\r\\n: name the field and its value, an engine makes lines of ` +
          "them. A format of its own goes into LINE_END_FORMATS, with the reason.",
      ),
    );
}

function findTinyFiles(facts: readonly FileFacts[]): string[] {
  const importers = importersOf(facts);
  return facts.filter(isTiny).flatMap(({ path, lineCount }) => {
    const [importer, ...others] = importers.get(path) ?? [];
    if (importer === undefined || others.length > 0) return [];
    return [
      `${path} has ${lineCount} lines and one importer: move it into ${importer}. A file of its ` +
        `own has ${TINY_FILE_LINES} lines or several importers.`,
    ];
  });
}

function findAsyncInVain(facts: readonly FileFacts[]): string[] {
  return facts.flatMap(({ path, functions }) =>
    functions
      .filter(isAsyncInVain)
      .map(
        ({ line, name }) =>
          `${path}:${line} ${name} never waits: take the async away, so that its callers need no await.`,
      ),
  );
}

function findImportCycles(facts: readonly FileFacts[]): string[] {
  return findCycles(facts).map(
    (paths) => `${paths.join(", ")} import each other: move what both need into a file below them.`,
  );
}

function findPrivateKeywords(facts: readonly FileFacts[]): string[] {
  return facts.flatMap(({ path, privateLines }) =>
    privateLines.map(
      (line) => `${path}:${line} says private: write #name, which holds at run time too.`,
    ),
  );
}

function findLowerConstants(facts: readonly FileFacts[]): string[] {
  return facts.flatMap(({ path, plainConstants }) =>
    plainConstants
      .filter(({ name }) => !/^[A-Z][A-Z0-9_]*$/.test(name))
      .map(
        ({ name, line }) =>
          `${path}:${line} names a constant ${name}: write ${toUpperCase(name)}, as for all that ` +
          "a module holds once and for all.",
      ),
  );
}

/** `idleTimeoutMs` as IDLE_TIMEOUT_MS. */
function toUpperCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

function findSystemCalls(facts: readonly FileFacts[]): string[] {
  return facts
    .filter(({ path, words }) => words.has("node:ffi") && !KERNEL_ROOMS.includes(roomOf(path)))
    .map(({ path }) => `${path} names node:ffi: only src/kernel/ makes the system's own calls.`);
}

interface ShapeRule {
  readonly sentence: string;
  readonly rule: (facts: readonly FileFacts[]) => string[];
  /** Faults that the tree still has. Each one that goes lowers the number, and nothing raises it. */
  readonly knownFaults: number;
  readonly wrong: readonly (readonly SourceFile[])[];
  readonly right: readonly SourceFile[];
}

function at(path: string, text = ""): SourceFile {
  return { path, text };
}

const LONG_ENOUGH = "a();\n".repeat(TINY_FILE_LINES);

const RULES: readonly ShapeRule[] = [
  {
    sentence: "only an engine ends lines with CR LF",
    rule: findLineEnds,
    knownFaults: 0,
    wrong: [
      [at("src/site/a.ts", String.raw`const a = "b\r\n";`)],
      [at("src/site/b.ts", String.raw`const a = ${"`b$"}{c}\r\n${"`"};`)],
    ],
    right: [
      at("src/http1/a.ts", String.raw`const a = "b\r\n";`),
      at("src/site/a.ts", String.raw`const a = /\r\n/; // "\r\n"`),
      at("src/hits/export.ts", String.raw`const a = "b\r\n";`),
    ],
  },
  {
    sentence: `no file of under ${TINY_FILE_LINES} lines has one importer`,
    rule: findTinyFiles,
    knownFaults: 0,
    wrong: [[at("src/a/a.ts", LONG_ENOUGH.replace("a", 'import "./b.ts"; a')), at("src/a/b.ts")]],
    right: [
      at("src/a/a.ts", 'import "./long.ts"; import "./shared.ts";'),
      at("src/a/b.ts", 'import "./shared.ts";'),
      at("src/a/shared.ts"),
      at("src/a/long.ts", LONG_ENOUGH),
    ],
  },
  {
    sentence: "no async function never waits",
    rule: findAsyncInVain,
    knownFaults: 0,
    wrong: [
      [at("src/a/a.ts", "async function a() { return 1; }")],
      [at("src/a/b.ts", "const a = { async b() { c(async () => { await d; }); } };")],
    ],
    right: [
      at("src/a/a.ts", "async function a() { await 1; }\nasync function* b() { yield 1; }"),
      at("src/a/b.ts", "async function a() { for await (const b of c) d(b); }"),
    ],
  },
  {
    sentence: "no files import each other in a circle",
    rule: findImportCycles,
    knownFaults: 0,
    wrong: [
      [at("src/a/a.ts", 'import type { B } from "./b.ts";'), at("src/a/b.ts", 'import "./a.ts";')],
    ],
    right: [at("src/a/a.ts", 'import "./b.ts";'), at("src/a/b.ts", 'import "node:fs";')],
  },
  {
    sentence: "what a class hides has a number sign",
    rule: findPrivateKeywords,
    knownFaults: 0,
    wrong: [
      [at("src/a/a.ts", "class A { private b = 1; }")],
      [at("src/a/b.ts", "class A { private async b() {} }")],
    ],
    right: [at("src/a/a.ts", 'class A { private constructor() {} #b = 1; c = "private"; }')],
  },
  {
    sentence: "a number, a text or a pattern that a module holds has a name in UPPER_CASE",
    rule: findLowerConstants,
    knownFaults: 0,
    wrong: [
      [at("src/a/a.ts", "const timeoutMs = 1_000;")],
      [at("src/a/b.ts", "export const bytesMax: number = 64 * (1 << 10);")],
      [at("src/a/c.ts", "const pattern = /a/;")],
      [at("src/a/d.ts", "const A = 1, isOn = true;")],
    ],
    right: [
      at("src/a/a.ts", "const TIMEOUT_MS = 1; const B2 = -1;"),
      at("src/a/b.ts", "let count = 0; const limits = { a: 1 }; const f = () => { const a = 1; };"),
      at("src/a/c.ts", 'const size = sizeOf("a"); const A = 1 + 2;'),
    ],
  },
  {
    sentence: "only src/kernel/ makes the system's own calls",
    rule: findSystemCalls,
    knownFaults: 0,
    wrong: [
      [at("src/transport/a.ts", 'import { dlopen } from "node:ffi";')],
      [at("src/serve/b.ts", 'const ffi = await import("node:ffi");')],
    ],
    right: [
      at("src/kernel/a.ts", 'import { dlopen } from "node:ffi";'),
      at("src/serve/a.ts", "// node:ffi"),
    ],
  },
];

const TREE = readFacts(readSourceFiles("src", "web").filter(isProgram));
const TESTS = readFacts(readTypeScript().filter(({ path }) => /^(?:test|bench)\//.test(path)));

for (const { sentence, rule, knownFaults, wrong, right } of RULES) {
  test(`${sentence}${knownFaults === 0 ? "" : `, apart from ${knownFaults} known places`}`, () => {
    const faults = rule(TREE);
    const known = `${faults.length} faults, ${knownFaults} are known; none may be added`;
    assert.ok(faults.length <= knownFaults, `${known}:\n${faults.join("\n")}`);
  });
  test(`${sentence}: the rule finds each of ${wrong.length} samples, and not what is right`, () => {
    for (const files of wrong) assert.equal(rule(readFacts(files)).length, 1, files[0]!.text);
    assert.deepEqual(rule(readFacts(right)), []);
  });
}

test("every format with line ends of its own is a file that writes them, and has a reason", () => {
  for (const [path, reason] of Object.entries(LINE_END_FORMATS)) {
    const facts = TREE.find((file) => file.path === path);
    assert.ok((facts?.lineEndLines.length ?? 0) > 0, `take ${path} out of LINE_END_FORMATS`);
    assert.notEqual(reason, "");
  }
});

test("what a class of the tests or benchmarks hides has a number sign too", () => {
  assert.deepEqual(findPrivateKeywords(TESTS), []);
});
