// The runner of the tests (test/run.ts) as a person uses it, on test files that are made for it: what it
// prints at its end, and its exit code, whatever the tests do.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";

const RUN = fileURLToPath(new URL("run.ts", import.meta.url));

const IMPORT = 'import { describe, test } from "node:test";\n';
const PASSING = `${IMPORT}test("one", () => {});\ntest("two", () => {});\n`;

interface RunEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it on these files by name, with more arguments. */
async function runFiles(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<RunEnd> {
  const dir = makeTempFolder(t);
  writeTree(dir, files);
  return startRun(t, [...args, dir]).ended;
}

function startRun(t: TestContext, args: readonly string[]) {
  const child = spawn(process.execPath, [RUN, ...args], {
    cwd: join(RUN, "../.."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const closed = once(child, "close");
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(
    ([stdout, stderr, [code]]): RunEnd => ({ code, stdout, stderr }),
  );
  return { child, ended };
}

/** `ℹ tests 4` and so on, as numbers by name. */
function readTotals(stdout: string): Record<string, number> {
  const lines = stdout.matchAll(/^ℹ (\w+) (\d+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, count]) => [name, Number(count)]));
}

test("tests that pass end with the totals, a line of words and exit code 0", async (t) => {
  const { code, stdout, stderr } = await runFiles(t, { "a.test.ts": PASSING });
  assert.match(stdout, /^ok 1\/1 \/.*\/a\.test\.ts: 2 tests in [\d.]+ s$/m);
  const { tests, pass, fail, cancelled, skipped } = readTotals(stdout);
  assert.deepEqual([tests, pass, fail, cancelled, skipped], [2, 2, 0, 0, 0]);
  assert.match(stdout, /\n2 passed, 0 failed, 0 skipped\n$/);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("what failed, crashed and was skipped is named at the end, and the exit code is 1", async (t) => {
  const { code, stdout } = await runFiles(t, {
    "fails.test.ts": `${IMPORT}describe("a suite", () => {
      test("that fails", async (t) => {
        await t.test("in a part", () => {
          throw new Error("as it must");
        });
      });
      test("that passes", () => {});
    });`,
    "crashes.test.ts": `${IMPORT}test("ends its process", () => process.exit(7));`,
    "late.test.ts": `${IMPORT}test("throws late", () => {
      setTimeout(() => { throw new Error("too late"); }, 1);
    });`,
    "broken.test.ts": 'import "./absent.ts";',
    "long.test.ts": `${IMPORT}test("says much", () => {
      throw new Error("x".repeat(10_000) + "\\n.".repeat(500));
    });`,
    "half.test.ts": `${PASSING}\nthrow new Error("in the middle of the file");`,
    "skips.test.ts": `${IMPORT}test("skips", (t) => t.skip("needs Debian package no-such"));`,
    "passes.test.ts": PASSING,
  });
  assert.equal(code, 1);
  const end = stdout.slice(stdout.indexOf("What failed:"));
  assert.match(
    end,
    /^✖ \/.*\/fails\.test\.ts: a suite > that fails > in a part\n {4}.*as it must$/m,
  );
  assert.equal(end.match(/that fails/g)?.length, 1, "a whole is not told beside its part");
  assert.match(end, /^✖ \/.*\/crashes\.test\.ts\n.*exit code 7.*ends its process/m);
  assert.match(end, /^✖ \/.*\/late\.test\.ts\n.*exit code 1, after all tests.*\n.*too late/m);
  assert.match(end, /^✖ \/.*\/broken\.test\.ts: .*\n.*ERR_MODULE_NOT_FOUND/m);
  assert.match(end, /^✖ \/.*\/half\.test\.ts: the file itself\n.*in the middle of the file/m);
  assert.match(end, /^ {4}Error: x{393}…\n( {4}\.\n)+ {4}… and 441 lines more$/m);
  assert.match(end, /^Skipped:\n {2}1 of \/.*\/skips\.test\.ts: needs Debian package no-such$/m);
  assert.match(end, /\n6 passed, 7 failed, 1 skipped\n$/);
});

test("a test that never ends is ended with all that it has started, named, and has failed", async (t) => {
  const { code, stdout } = await runFiles(
    t,
    {
      "hangs.test.ts": `${IMPORT}import { spawn } from "node:child_process";
        test("hangs", () => {
          // It holds the pipes of its parent open.
          spawn("sleep", ["600"], { stdio: "inherit" });
          return new Promise(() => {});
        });`,
    },
    ...["--bound", "1"],
  );
  assert.match(stdout, /^✖ \/.*\/hangs\.test\.ts\n.* because it took too long/m);
  assert.match(stdout, /\n0 passed, 1 failed, 0 skipped\n$/);
  assert.equal(code, 1);
});

test("--name runs what has that text in its name, and nothing is no success", async (t) => {
  const some = await runFiles(t, { "a.test.ts": PASSING }, "--name", "tw");
  assert.match(some.stdout, /\n1 passed, 0 failed, 0 skipped\n$/);
  assert.equal(some.code, 0);
  // Text, not a pattern.
  const none = await runFiles(t, { "a.test.ts": PASSING }, "--name", "t.o");
  assert.match(none.stdout, /^No test with "t\.o" in its name was run\.$/m);
  assert.match(none.stdout, /\n0 passed, 0 failed, 0 skipped\n$/);
  assert.equal(none.code, 1);
});

test("an interrupted run ends at once, says so and exits with 130", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, {
    "a.test.ts": PASSING,
    "b.test.ts": `${IMPORT}test("waits", () => new Promise(() => {}));`,
  });
  const { child, ended } = startRun(t, ["--processes", "1", dir]);
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  assert.match(first.toString(), /^ok 1\/2 /);
  child.kill("SIGINT");
  const { code, stdout } = await ended;
  assert.match(stdout, /^The run was stopped before its end\.$/m);
  assert.match(stdout, /\n2 passed, 0 failed, 0 skipped\n$/);
  assert.equal(code, 130);
});

const MISTAKES: readonly [args: string[], message: RegExp][] = [
  [["absent.test.ts"], /^cannot run "absent\.test\.ts": there is no such file or folder\n$/],
  [["README.md"], /^cannot run "README\.md": it is no file of tests \(\*\.test\.ts\)\n$/],
  [["--processes", "0"], /^cannot use "0" for --processes: give a whole number from 1 up\n$/],
  [["--fast"], /^Unknown option '--fast'[^\n]*\n$/],
];

for (const [args, message] of MISTAKES) {
  test(`a mistake is told in one line, with exit code 2 [${args.join(" ")}]`, async (t) => {
    const { code, stdout, stderr } = await startRun(t, args).ended;
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""]);
  });
}
