import assert from "node:assert/strict";
import { test } from "node:test";
import { readFacts } from "./source-facts.ts";
import { median, roomsOf, type ShapeQuestion, shapeOf } from "./tree-shape.ts";

const QUESTION: ShapeQuestion = {
  isServer: (path) => !path.startsWith("src/load/"),
  mayEndLines: (path) => path.startsWith("src/http1/"),
  booleanFlags: [],
};

function factsOf(files: Readonly<Record<string, string>>) {
  return readFacts(Object.entries(files).map(([path, text]) => ({ path, text })));
}

function shape(files: Readonly<Record<string, string>>, question: Partial<ShapeQuestion> = {}) {
  return shapeOf(factsOf(files), { ...QUESTION, ...question });
}

test("the median of an even number is the mean of the two in the middle [1 2 3 10, 3 1 2, none]", () => {
  assert.equal(median([10, 1, 3, 2]), 2.5);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([]), 0);
});

test("files are counted with their lines, those of the server once more", () => {
  const { files, serverFiles, longestFile } = shape({
    "src/a/a.ts": "1;\n2;\n3;\n",
    "src/a/b.ts": "1;\n",
    "src/load/c.ts": "1;\n2;\n",
  });
  assert.deepEqual(files, { count: 3, lines: 6, medianLines: 2 });
  assert.deepEqual(serverFiles, { count: 2, lines: 4, medianLines: 2 });
  assert.deepEqual(longestFile, { where: "src/a/a.ts", lines: 3 });
});

test("a file has one importer when one file names it, however often", () => {
  const { filesWithOneImporter } = shape({
    "src/a/a.ts": 'import "./b.ts"; import "./c.ts"; import type { B } from "./b.ts";',
    "src/a/b.ts": 'import "./c.ts";',
    "src/a/c.ts": "",
  });
  assert.deepEqual(filesWithOneImporter, ["src/a/b.ts"]);
});

test("a file of 24 lines is tiny, one of 25 is not", () => {
  const { tinyFiles } = shape({
    "src/a/a.ts": "1;\n".repeat(24),
    "src/a/b.ts": "1;\n".repeat(25),
  });
  assert.deepEqual(tinyFiles, ["src/a/a.ts"]);
});

test("files that import each other in a circle are found, each circle once", () => {
  const { importCycles } = shape({
    "src/a/a.ts": 'import "./b.ts";',
    "src/a/b.ts": 'import "./c.ts"; import "./d.ts";',
    "src/a/c.ts": 'import "./a.ts";',
    "src/a/d.ts": 'import "./e.ts";',
    "src/a/e.ts": 'import "./d.ts"; import "./f.ts";',
    "src/a/f.ts": "",
  });
  assert.deepEqual(importCycles.toSorted(), [
    ["src/a/a.ts", "src/a/b.ts", "src/a/c.ts"],
    ["src/a/d.ts", "src/a/e.ts"],
  ]);
});

test("a thread that imports from the file that starts it makes no circle", () => {
  const { importCycles } = shape({
    "src/a/start.ts": 'new URL("./b-thread.ts", import.meta.url)',
    "src/a/b-thread.ts": 'import type { Start } from "./start.ts";',
  });
  assert.deepEqual(importCycles, []);
});

test("a diamond of imports is no circle", () => {
  const { importCycles } = shape({
    "src/a/a.ts": 'import "./b.ts"; import "./c.ts";',
    "src/a/b.ts": 'import "./d.ts";',
    "src/a/c.ts": 'import "./d.ts";',
    "src/a/d.ts": "",
  });
  assert.deepEqual(importCycles, []);
});

test("a flag's places are the files whose code has its name or key, and not those that only speak of it", () => {
  const { flagPlaces, medianFlagPlaces } = shape(
    {
      "src/a/row.ts": 'const row = { name: "clean-urls" };',
      "src/a/use.ts": "if (site.cleanUrls) {}",
      "src/a/comment.ts": "// cleanUrls and clean-urls\nconst cleanUrlsToo = `--clean-urls`;",
    },
    { booleanFlags: ["clean-urls", "cors"] },
  );
  assert.deepEqual(flagPlaces, { "clean-urls": ["src/a/row.ts", "src/a/use.ts"], cors: [] });
  assert.equal(medianFlagPlaces, 1);
});

test("line ends of HTTP count outside the engine", () => {
  const text = String.raw`const a = "\r\n\r\n";`;
  const { lineEnds } = shape({ "src/http1/a.ts": text, "src/a/b.ts": text, "src/a/c.ts": "" });
  assert.deepEqual(lineEnds, { "src/a/b.ts": 2 });
});

test("an async function that never waits is named with its place; a generator is not", () => {
  const { asyncWithoutWait } = shape({
    "src/a/a.ts": "async function a() {}\nasync function* b() {}\nasync function c() { await d; }",
  });
  assert.deepEqual(asyncWithoutWait, ["src/a/a.ts:1 async function a"]);
});

test("what is too long is named [a file of 401 lines, a function of 71]", () => {
  const { oversized } = shape({
    "src/a/a.ts": "1;\n".repeat(401),
    "src/a/b.ts": `function b() {\n${"1;\n".repeat(69)}}\n`,
    "src/a/c.ts": `function c() {\n${"1;\n".repeat(68)}}\n`,
  });
  assert.deepEqual(oversized, ["src/a/a.ts", "src/a/b.ts:1 function b"]);
});

test("a room's face is its files that other rooms import", () => {
  const facts = factsOf({
    "src/a/a.ts": 'import "./inner.ts";',
    "src/a/inner.ts": "",
    "src/b/b.ts": 'import "../a/a.ts";',
    "web/c.ts": 'import "../src/b/b.ts";',
  });
  const rooms = roomsOf(facts, (path) => (path.startsWith("src/") ? path.split("/")[1]! : ""));
  assert.deepEqual(
    rooms.map(({ room, sizes, faceFiles }) => [room, sizes.count, faceFiles]),
    [
      ["a", 2, ["src/a/a.ts"]],
      ["b", 1, ["src/b/b.ts"]],
    ],
  );
});
