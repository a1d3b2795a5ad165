// The rule that continuous integration has what the tests ask for: a test that needs a program of
// the system names its Debian package, and .ci/run installs it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readRepositoryFile, readTypeScript, type SourceFile } from "./source-files.ts";

const CALL = /requireProgram\(\s*\w+,\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g;

function parsePackages(script: string): string[] {
  const list = /^debian_packages=\(\n([\s\S]*?)^\)$/m.exec(script)?.[1] ?? "";
  return list.split("\n").flatMap((line) => line.trim() || []);
}

function findMissingPackages(files: readonly SourceFile[], script: string): string[] {
  const installed = parsePackages(script);
  return files.flatMap(({ path, text }) =>
    Array.from(text.matchAll(CALL))
      .filter(([, , debianPackage = ""]) => !installed.includes(debianPackage))
      .map(
        ([, program, debianPackage]) =>
          `${path} needs ${program}: add ${debianPackage} to debian_packages in .ci/run.`,
      ),
  );
}

/** Without the tests of the fixture and of the rules, whose programs are made up. */
function readTests(): SourceFile[] {
  const madeUp = [
    "test/fixtures/system-program.test.ts",
    "test/rules/ci.test.ts",
    "test/rules/full-tests.test.ts",
  ];
  return readTypeScript().filter(({ path }) => !madeUp.includes(path));
}

test(".ci/run installs the Debian package of every program that a test requires", () => {
  assert.deepEqual(findMissingPackages(readTests(), readRepositoryFile(".ci/run")), []);
});

test("a package that .ci/run does not install is found, on one line or several", () => {
  const text =
    'requireProgram(t, "curl", "curl");\nrequireProgram(\n  t,\n  "redis-server",\n  "redis-server",\n);';
  const files = [{ path: "test/a.test.ts", text }];
  const script = "debian_packages=(\n  curl\n  wget\n)\n";
  assert.match(
    findMissingPackages(files, script).join("\n"),
    /^test\/a\.test\.ts needs redis-server/,
  );
  assert.deepEqual(findMissingPackages(files, script.replace("wget", "redis-server")), []);
});
