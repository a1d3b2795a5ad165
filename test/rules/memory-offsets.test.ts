// The rule that only the layouts of the shared memory know where a field lies. To a slot, any other file may
// add only a field that memory-layout.ts names; it calculates with no control word and no metric.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { isTest, readRepositoryFile, readSourceFiles, type SourceFile } from "./source-files.ts";
import { lineNumberAt, parseFiles, walkTree } from "./syntax-tree.ts";

const LAYOUT_FOLDER = "src/memory/";

/** Values that name a place in shared memory, as code outside the layouts writes them. */
const PLACES = [
  /^([\w.]+\.)?#?slot$/,
  /^([\w.]+\.)?slotAt\(/,
  /^CONTROL_\w+$/,
  /^METRIC\.\w+$/,
  /^(granted|left|beats|quota)Word\(/,
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

/** The fields of slots, as memory-layout.ts exports them. */
const FIELDS: ReadonlySet<string> = new Set(
  Array.from(
    readRepositoryFile(`${LAYOUT_FOLDER}memory-layout.ts`).matchAll(/^export const (\w+_WORD) =/gm),
    ([, name = ""]) => name,
  ),
);

/** Whether the file takes the name from the layout, and gives it no meaning of its own. */
function isField(node: Node, text: string): boolean {
  const name = node.getText();
  return FIELDS.has(name) && !new RegExp(`\\b(const|let) ${name}\\b`).test(text);
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
      if (operator.kind === SyntaxKind.PlusToken && isField(right, text)) return;
      const line = lineNumberAt(text, node.getStart());
      faults.push(
        `${path}:${line} calculates with a place in shared memory (${node.getText()}): give that ` +
          `field a name in ${LAYOUT_FOLDER}, and use it.`,
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
  "words[1 + table.slotAt(set, way)];",
  "longs[(slot - HIT_COUNT_WORD) >> 1];",
  "const HIT_COUNT_WORD = 2; longs[(slot + HIT_COUNT_WORD) >> 1];",
  "control[CONTROL_TICKETS_DRAWN + 1];",
  "row[METRIC.refused + 1];",
  "words[quotaWord(slot, 1) + 1];",
  "words[metricOfRequests(0, 0) + 1];",
];

for (const text of WRONG) {
  test(`an offset outside the layouts is found [${text}]`, () => {
    assert.equal(findOffsets([{ path: "src/limit/a.ts", text }]).length, 1);
    assert.deepEqual(findOffsets([{ path: `${LAYOUT_FOLDER}a.ts`, text }]), []);
  });
}

test("a field that the layout names is none, nor is what a field holds", () => {
  const text =
    "words[slot + CLIENT_CELL_WORD] = words[slot + CLIENT_USED_WORD] + 1; " +
    "longs[(slot + HIT_COUNT_WORD) >> 1]; slotCount + 1;";
  assert.deepEqual(findOffsets([{ path: "src/limit/a.ts", text }]), []);
});
