import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { OperationError } from "../base/operation-error.ts";
import { describeOpenError, LogFile } from "./log-file.ts";

test("a log file is made for its owner and group, and appended to", async (t) => {
  const path = join(makeTempFolder(t), "access.log");
  const file = await LogFile.open(path);
  assert.equal(await file.write(Buffer.from("1\n")), 2);
  await file.close();
  assert.equal(statSync(path).mode & 0o777, 0o640 & ~process.umask());
  const again = await LogFile.open(path);
  // Somebody else writes to it meanwhile.
  writeFileSync(path, "other\n", { flag: "a" });
  await again.write(Buffer.from("2\n"));
  await again.close();
  assert.equal(readFileSync(path, "utf8"), "1\nother\n2\n");
});

test("after a half line of an earlier run the next line begins on its own", async (t) => {
  const path = join(makeTempFolder(t), "access.log");
  writeFileSync(path, "1\nhal");
  const file = await LogFile.open(path);
  await file.write(Buffer.from("2\n"));
  await file.write(Buffer.from("3\n"));
  await file.close();
  assert.equal(readFileSync(path, "utf8"), "1\nhal\n2\n3\n");
});

test("opened anew it is the file that has its name now; when that fails, still the old one", async (t) => {
  const folder = makeTempFolder(t);
  const path = join(folder, "access.log");
  const file = await LogFile.open(path);
  await file.write(Buffer.from("1\n"));
  renameSync(path, join(folder, "old.log"));
  await file.write(Buffer.from("2\n"));
  await file.reopen();
  await file.write(Buffer.from("3\n"));
  assert.equal(readFileSync(join(folder, "old.log"), "utf8"), "1\n2\n");
  assert.equal(readFileSync(path, "utf8"), "3\n");
  const moved = join(makeTempFolder(t), "moved.log");
  renameSync(path, moved);
  rmSync(folder, { recursive: true });
  await assert.rejects(file.reopen(), OperationError);
  await file.write(Buffer.from("4\n"));
  await file.close();
  assert.equal(readFileSync(moved, "utf8"), "3\n4\n");
});

test("what cannot be opened is told with what to do [no folder, a folder, a file as folder, a pipe]", async (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "file"), "");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const faults: readonly [string, RegExp][] = [
    ["absent/a.log", /there is no folder ".*\/absent" \(make it, or give another --log-file\)$/],
    ["", /it is a folder \(give the name of a file in it\)$/],
    ["file/a.log", /a part of its path is a file \(/],
    ["pipe", /it is a pipe or a socket \(give a file, or pipe standard output instead\)$/],
  ];
  for (const [name, message] of faults) {
    const path = join(folder, name);
    await assert.rejects(LogFile.open(path), (error) => {
      assert.ok(error instanceof OperationError);
      assert.ok(error.message.startsWith(`cannot open the log ${JSON.stringify(path)}: `));
      assert.match(error.message, message);
      return true;
    });
  }
});

test("a pipe with a reader is none either", async (t) => {
  const path = join(makeTempFolder(t), "pipe");
  execFileSync("mkfifo", [path]);
  // Opened for both, it does not wait for another end.
  const reader = await open(path, "r+");
  await assert.rejects(LogFile.open(path), /it is a pipe or a socket/);
  await reader.close();
});

test("a file that this user may not write, and a disk for reading only, are told of", () => {
  assert.deepEqual(describeOpenError("/a/b.log", "EACCES")?.[0], "this user may not write it");
  assert.deepEqual(describeOpenError("/a/b.log", "EROFS")?.[0], "its disk can only be read");
  assert.equal(describeOpenError("/a/b.log", "EIO"), undefined);
});
