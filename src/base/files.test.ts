import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { closeQuietly, makeFolder } from "./files.ts";
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

test("a descriptor is closed, and one that is closed already is no error", () => {
  const fd = openSync(import.meta.filename, "r");
  assert.equal(closeQuietly(fd), undefined);
  assert.throws(() => closeSync(fd), { code: "EBADF" });
  assert.equal(closeQuietly(fd), undefined);
});

test("what throws as it is closed is closed, and so is what was never opened", () => {
  let closeCount = 0;
  const thing = {
    close(): void {
      closeCount++;
      throw new Error("the disk is full");
    },
  };
  assert.equal(closeQuietly(thing), undefined);
  assert.equal(closeCount, 1);
  assert.equal(closeQuietly(undefined), undefined);
});

test("what closes later is waited for, and its rejection is no error", async () => {
  let isClosed = false;
  const slow = {
    async close(): Promise<void> {
      await Promise.resolve();
      isClosed = true;
    },
  };
  await closeQuietly(slow);
  assert.equal(isClosed, true);
  await closeQuietly({ close: () => Promise.reject(new Error("the disk is full")) });
});
