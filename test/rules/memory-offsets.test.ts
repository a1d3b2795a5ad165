// The rule that only the layouts of the shared memory know where a field lies: no other file adds
// anything to a slot, to a control word or to the number of a metric, and none divides one. It asks the
// functions of memory-layout.ts and metrics-layout.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { isTest, readSourceFiles, type SourceFile } from "./source-files.ts";
import { lineNumberAt, parseFiles, walkTree } from "./syntax-tree.ts";

const LAYOUT_FOLDER = "src/shared-memory/";

/** Values that name a place in shared memory, as code outside the layouts writes them. */
const PLACES = [
  /^([\w.]+\.)?#?slot$/,
  /^([\w.]+\.)?payloadWord\(/,
  /^CONTROL_\w+$/,
  /^METRIC\.\w+$/,
  /^(granted|left|beats|hit|client|quota)\w*(Word|Index)\(/,
  /^metricOf\w+\(/,
];

const ARITHMETIC: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PlusToken,
  SyntaxKind.MinusToken,
  SyntaxKind.AsteriskToken,
  SyntaxKind.SlashToken,
  SyntaxKind.LessThanLessThanToken,
  SyntaxKind.GreaterThanGreaterThanToken,
  SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
]);

function isPlace(node: Node): boolean {
  const text = node.getText();
  return PLACES.some((pattern) => pattern.test(text));
}

function findOffsets(files: readonly SourceFile[]): string[] {
  const outside = files.filter(({ path }) => !path.startsWith(LAYOUT_FOLDER));
  return parseFiles(outside).flatMap(({ path, text, root }) => {
    const faults: string[] = [];
    walkTree(root, (node) => {
      if (node.kind !== SyntaxKind.BinaryExpression) return;
      const parts: Node[] = [];
      node.forEachChild((part) => void parts.push(part));
      const [left, operator, right] = parts;
      if (left === undefined || operator === undefined || right === undefined) return;
      if (!ARITHMETIC.has(operator.kind) || !(isPlace(left) || isPlace(right))) return;
      const line = lineNumberAt(text, node.getStart());
      faults.push(
        `${path}:${line} calculates with a place in shared memory (${node.getText()}): give that ` +
          `field a function in ${LAYOUT_FOLDER}, and ask it.`,
      );
    });
    return faults;
  });
}

test("only the layouts of the shared memory know where a field lies", () => {
  const files = readSourceFiles("src").filter(({ path }) => path.endsWith(".ts") && !isTest(path));
  assert.deepEqual(findOffsets(files), []);
});

const WRONG = [
  "longs[(slot + 2) / 2];",
  "words[slot + NAME_WORD];",
  "words[entry.slot + 1];",
  "words[1 + table.payloadWord(set, way)];",
  "control[CONTROL_TICKETS_DRAWN + 1];",
  "row[METRIC.refused + 1];",
  "words[clientCellWord(slot) + 1];",
  "words[metricOfRequests(0, 0) + 1];",
];

for (const text of WRONG) {
  test(`an offset outside the layouts is found [${text}]`, () => {
    assert.equal(findOffsets([{ path: "src/limit/a.ts", text }]).length, 1);
    assert.deepEqual(findOffsets([{ path: `${LAYOUT_FOLDER}a.ts`, text }]), []);
  });
}

test("a field that the layout names is none, nor is what a field holds", () => {
  const text = "words[clientCellWord(slot)] = words[clientUsedWord(slot)] + 1; slotCount + 1;";
  assert.deepEqual(findOffsets([{ path: "src/limit/a.ts", text }]), []);
});
