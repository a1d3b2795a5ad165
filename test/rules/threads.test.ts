// The rule of threads: base/threads.ts alone makes a Worker, each thread's source has a starter
// that names it, and no two sources have one name, because all bundles lie in one folder.

import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { SyntaxKind } from "typescript/unstable/ast";
import { isTest, readSourceFiles, type SourceFile } from "./source-files.ts";
import { findImports, lineNumberAt, parseFiles, walkTree } from "./syntax-tree.ts";

const STARTER = "src/base/threads.ts";

function findWorkers(files: readonly SourceFile[]): string[] {
  return parseFiles(files.filter(({ path }) => path !== STARTER && !isTest(path))).flatMap(
    ({ path, text, root }) => {
      const faults: string[] = [];
      walkTree(root, (node) => {
        if (node.kind !== SyntaxKind.NewExpression) return;
        if (!/^new\s+(\w+\.)?Worker\b/.test(node.getText())) return;
        const line = lineNumberAt(text, node.getStart());
        faults.push(`${path}:${line} makes a Worker: use startThread of ${STARTER}.`);
      });
      return faults;
    },
  );
}

function findStraySources(files: readonly SourceFile[]): string[] {
  const named = parseFiles(files.filter(({ path }) => !isTest(path))).flatMap((file) =>
    findImports(file).map(({ specifier }) => posix.join(posix.dirname(file.path), specifier)),
  );
  const threads = files.map(({ path }) => path).filter((path) => path.endsWith("-thread.ts"));
  return threads.flatMap((path) => {
    const name = posix.basename(path);
    const twins = threads.filter((other) => other !== path && posix.basename(other) === name);
    return [
      ...(named.includes(path) ? [] : [`${path} is started by nothing: delete it.`]),
      ...twins.map((twin) => `${path} has the name of ${twin}: give it another.`),
    ];
  });
}

function readSources(): SourceFile[] {
  return readSourceFiles("src").filter(({ path }) => path.endsWith(".ts"));
}

test("only startThread makes a Worker", () => {
  assert.deepEqual(findWorkers(readSources()), []);
});

test("a Worker made elsewhere is found, in whatever form; in a comment it is none", () => {
  for (const text of ["new Worker(url);", "f(new Worker(url, {}));", "new threads.Worker(url);"]) {
    assert.equal(findWorkers([{ path: "src/load/a.ts", text }]).length, 1);
  }
  assert.deepEqual(findWorkers([{ path: "src/load/a.ts", text: "// new Worker(url)" }]), []);
});

test("every thread's source is started, and has a name of its own", () => {
  assert.deepEqual(findStraySources(readSources()), []);
});

test("a source that nothing starts and one with another's name are found", () => {
  const start = 'new URL("./b-thread.ts", import.meta.url)';
  const started: SourceFile[] = [
    { path: "src/a/start.ts", text: `f(${start});` },
    { path: "src/a/b-thread.ts", text: "" },
  ];
  assert.deepEqual(findStraySources(started), []);
  assert.equal(findStraySources([{ path: "src/a/c-thread.ts", text: "" }]).length, 1);
  const twin: SourceFile[] = [
    { path: "src/c/start.ts", text: `f(${start});` },
    { path: "src/c/b-thread.ts", text: "" },
  ];
  assert.equal(findStraySources([...started, ...twin]).length, 2);
});
