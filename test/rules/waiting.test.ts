// The rule that no thread of a server sleeps: what waits for a file, a reader or another thread waits
// for an event or a timer (docs/ARCHITECTURE.md). The lock in shared memory is the exception: its holder
// is in the middle of a microsecond's work, so a thread that needs it has nothing else to do first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isTest, readSourceFiles, type SourceFile } from "./source-files.ts";

const SLEEP = /\bAtomics\.wait\(|\b(?:spawn|exec|execFile)Sync\(/;
/** Outside the server: the experiments measure how threads meet. */
const ALLOWED = /^src\/(?:memory\/shared-table|lab\/[\w-]+)\.ts$/;

function findSleepers(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, text }) => !isTest(path) && !ALLOWED.test(path) && SLEEP.test(text))
    .map(({ path }) => `${path} holds up its thread: wait for an event or a timer.`);
}

test("no file of the program makes its thread sleep", () => {
  const files = readSourceFiles("src").filter(({ path }) => path.endsWith(".ts"));
  assert.deepEqual(findSleepers(files), []);
});

for (const text of [
  "Atomics.wait(words, 0, 0, 1);",
  'spawnSync("true");',
  'execFileSync("true");',
]) {
  test(`a file that sleeps is found [${text}]`, () => {
    assert.equal(findSleepers([{ path: "src/http/a.ts", text }]).length, 1);
    assert.deepEqual(findSleepers([{ path: "src/lab/a.ts", text }]), []);
  });
}
