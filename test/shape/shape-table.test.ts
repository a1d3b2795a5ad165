import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFaces, formatShape } from "./shape-table.ts";
import { readFacts } from "./source-facts.ts";
import { roomsOf, shapeOf } from "./tree-shape.ts";

const facts = readFacts([{ path: "src/a/a.ts", text: 'const a = "\\r\\n";\n'.repeat(1200) }]);
const shape = {
  ...shapeOf(facts, { isServer: () => true, mayEndLines: () => false, booleanFlags: ["cors"] }),
  rooms: roomsOf(facts, () => "a"),
};

test("the table has a line for each figure: before, now and the aim", () => {
  const text = formatShape({
    ...shape,
    requests: {
      cold: { files: 12, functions: 34, calls: 56, called: [] },
      hot: { files: 7, functions: 8, calls: 9, called: [] },
    },
  });
  assert.match(text, /^ +4bef315 +now +aim$/m);
  assert.match(text, /^ {2}source files +324 +1$/m);
  assert.match(text, /^ {4}lines in all +29,465 +1,200$/m);
  assert.match(text, /^ {2}cold GET: files +50 +12 +< 30$/m);
  assert.match(text, /^ {2}\\r\\n outside the engine +45 +1,200 +0$/m);
  assert.match(text, /^ {2}a +1 +1,200 +1,200 +1,200 +0$/m);
});

test("what was not measured is a dash", () => {
  assert.match(formatShape(shape), /^ {2}hot GET: files +26 +- +< 14$/m);
});

test("the entries of faces are formatted: on one line, or on many [a room with 20 files]", () => {
  const longNames = Array.from({ length: 20 }, (_, index) => `file${index + 10}`);
  const files = readFacts([
    { path: "src/a/b/c.ts", text: "" },
    { path: "src/d/e.ts", text: 'import "../a/b/c.ts";' },
    ...longNames.map((name) => ({ path: `src/f/${name}.ts`, text: "" })),
    { path: "src/g/h.ts", text: longNames.map((name) => `import "../f/${name}.ts";`).join("") },
  ]);
  const rooms = roomsOf(files, (path) => path.split("/")[1]!);
  const lines = longNames.map((name) => `    "${name}",\n`).join("");
  assert.equal(formatFaces(rooms), `  a: ["b/c"],\n  d: [],\n  f: [\n${lines}  ],\n  g: [],\n`);
});
