import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { makeFolder } from "./make-folder.ts";
import { describeFileError } from "./operation-error.ts";

function whyNot(path: string): string {
  try {
    makeFolder(path);
  } catch (error) {
    return describeFileError(error);
  }
  return "it was made";
}

test("a folder is made with those above it, and a second time nothing happens", (t) => {
  const path = join(makeTempFolder(t), "a/b/c");
  makeFolder(path);
  makeFolder(path);
  assert.ok(statSync(path).isDirectory());
});

test("a file on the way is named as the reason, at the end of the path and inside", (t) => {
  const file = join(makeTempFolder(t), "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "x"), join(file, "x/y")]) {
    assert.match(whyNot(path), path === file ? /already there/ : /a file and not a folder/);
  }
});

test("a file system that has no such names is not asked for ever [/proc]", (t) => {
  if (process.platform !== "linux") return t.skip("only Linux has /proc");
  assert.equal(whyNot("/proc/no-such/state/weir"), "there is no such file or folder");
});
