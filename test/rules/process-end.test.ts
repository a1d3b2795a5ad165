// The rule that nothing ends the process by process.exit(). That call waits for V8's compiler threads
// before it stops them, and one of them may be waiting for the main thread to collect garbage: a server
// that was stopped within its first second then never ended. A process ends when nothing keeps it, or
// by endWithoutWaiting, which has the call as a last resort behind a kill.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isTest, readSourceFiles, type SourceFile } from "./source-files.ts";

const CALL = /^(?!\s*(?:\/\/|\*|\/\*)).*\bprocess\.(?:exit|reallyExit|abort)\(/;
const LAST_RESORT = "src/serve/process-signals.ts";

function findExits(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path !== LAST_RESORT && !isTest(path))
    .flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, index) => {
        if (!CALL.test(line)) return [];
        return [
          `${path}:${index + 1} calls process.exit(): use endWithoutWaiting, or set exitCode.`,
        ];
      }),
    );
}

test("no file of the program calls process.exit", () => {
  const files = [...readSourceFiles("src"), ...readSourceFiles("bin")];
  assert.ok(files.some(({ path }) => path === "bin/weir.js"));
  assert.deepEqual(findExits(files), []);
});

test("a call is found, a comment about one is not", () => {
  const faultsOf = (text: string) => findExits([{ path: "src/a/a.ts", text }]).length;
  assert.equal(faultsOf("  if (isDone) process.exit(1);\n"), 1);
  assert.equal(faultsOf("// process.exit(1) waits\n * process.exit() too\n"), 0);
});
