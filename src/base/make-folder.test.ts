import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { makeFolder, whyUnwritable } from "./make-folder.ts";

function whyNot(path: string): string {
  try {
    makeFolder(path);
  } catch (error) {
    return whyUnwritable(error);
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
    assert.equal(whyNot(path), "a part of its path is a file, not a folder");
  }
});

test("a file system that has no such names is not asked for ever [/proc]", (t) => {
  if (process.platform !== "linux") return t.skip("only Linux has /proc");
  assert.equal(whyNot("/proc/no-such/state/weir"), "no folder can be made there");
});
