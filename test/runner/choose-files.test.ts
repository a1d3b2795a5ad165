import assert from "node:assert/strict";
import { test } from "node:test";
import { makeBatches } from "./batch.ts";
import { chooseFiles, findTestFiles } from "./choose-files.ts";

const KNOWN = [
  "src/a/a.full.test.ts",
  "src/a/a.test.ts",
  "src/b/b.test.ts",
  "test/c.full.test.ts",
  "test/c.test.ts",
];
const FULL = ["src/a/a.full.test.ts", "test/c.full.test.ts"];
const QUICK = ["src/a/a.test.ts", "src/b/b.test.ts", "test/c.test.ts"];

test("npm test and npm run test:full share all files between them, and each knows what it leaves out", () => {
  assert.deepEqual(chooseFiles(KNOWN, { selection: "quick", paths: [] }), {
    files: QUICK,
    leftOut: FULL,
  });
  assert.deepEqual(chooseFiles(KNOWN, { selection: "full", paths: [] }), {
    files: FULL,
    leftOut: QUICK,
  });
  assert.deepEqual(chooseFiles(KNOWN, { selection: "all", paths: [] }), {
    files: KNOWN,
    leftOut: [],
  });
});

test("what is named is run whatever it needs: a file, and all files of a folder, each once", () => {
  const paths = ["test/runner", "test/runner/choose-files.test.ts", "test/browser/"];
  const { files, leftOut } = chooseFiles([], { selection: "quick", paths });
  assert.ok(files.includes("test/runner/choose-files.test.ts"));
  assert.ok(files.includes("test/browser/dashboard.full.test.ts"));
  assert.equal(new Set(files).size, files.length);
  assert.deepEqual(leftOut, []);
});

test("every test file of the repository is in one batch, and a full one has a process of its own", () => {
  const known = findTestFiles(process.cwd());
  assert.ok(known.length > 300, `${known.length} files`);
  const batches = makeBatches(known);
  assert.deepEqual(batches.flatMap(({ files }) => files).sort(), known.toSorted());
  const shared = batches.filter(({ files }) => files.length > 1);
  assert.ok(shared.length > 1 && shared.length < 20, `${shared.length} shared batches`);
  assert.ok(shared.every(({ files }) => files.every((file) => !file.endsWith(".full.test.ts"))));
});
