import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { OperationError } from "../base/operation-error.ts";
import { describeOpenError, LogDescriptor, LogFile, type LogSink, LogStream } from "./sink.ts";

const NOT_OURS = { name: "a descriptor", isTerminal: false, isOwn: false };

/** How a write fails, and what the sink makes of it: `ENOSPC troubled`. */
async function judgeWrite(sink: LogSink): Promise<string> {
  try {
    await sink.write(Buffer.from("1\n"));
    return "written";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${code} ${sink.judge(error as NodeJS.ErrnoException)}`;
  }
}

test("a descriptor is written to where it stands, and left open", async (t) => {
  const path = join(makeTempFolder(t), "out");
  const descriptor = openSync(path, "w");
  const sink = new LogDescriptor(descriptor, NOT_OURS);
  assert.equal(await sink.write(Buffer.from("1\n")), 2);
  await sink.reopen();
  await sink.write(Buffer.from("2\n"));
  await sink.close();
  closeSync(descriptor);
  assert.equal(readFileSync(path, "utf8"), "1\n2\n");
});

test("a full disk behind a descriptor is a failure that may pass [/dev/full]", {
  skip: process.platform !== "linux" && "needs /dev/full of Linux",
}, async () => {
  const descriptor = openSync("/dev/full", "w");
  const sink = new LogDescriptor(descriptor, NOT_OURS);
  assert.equal(await judgeWrite(sink), "ENOSPC troubled");
  closeSync(descriptor);
});

test("a stream is written to and not ended, and forgets its listener", async () => {
  const stream = new PassThrough();
  const sink = new LogStream(stream, "a pipe");
  assert.equal(await sink.write(Buffer.from("1\n")), 2);
  await sink.reopen();
  await sink.close();
  assert.equal(stream.listenerCount("error"), 0);
  assert.equal(stream.writable, true);
  assert.equal(String(stream.read()), "1\n");
});

test("a stream whose reader has gone is a failure that does not pass, and no uncaught error", async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error("gone")) });
  const sink = new LogStream(stream, "a pipe");
  await assert.rejects(sink.write(Buffer.from("1\n")), /gone/);
  assert.equal(sink.judge(), "gone");
});

test("a descriptor that takes no writing, or is closed, is gone [EBADF]", async () => {
  const descriptor = openSync("/dev/null", "r");
  const sink = new LogDescriptor(descriptor, NOT_OURS);
  assert.equal(await judgeWrite(sink), "EBADF gone");
  closeSync(descriptor);
  assert.equal(await judgeWrite(sink), "EBADF gone");
});

test("what a failure means depends on what is written to", () => {
  const judge = (code: string, isTerminal: boolean) =>
    new LogDescriptor(0, { ...NOT_OURS, isTerminal }).judge(
      Object.assign(new Error(code), { code }),
    );
  assert.deepEqual(
    ["EAGAIN", "EIO", "ENOSPC", "EPIPE"].map((code) => judge(code, true)),
    ["busy", "gone", "gone", "gone"],
  );
  assert.deepEqual(
    ["EAGAIN", "EIO", "ENOSPC", "EFBIG", "EPIPE"].map((code) => judge(code, false)),
    ["busy", "troubled", "troubled", "troubled", "gone"],
  );
});

test("a descriptor of its own is closed with the sink", async () => {
  const descriptor = openSync("/dev/null", "w");
  await new LogDescriptor(descriptor, { ...NOT_OURS, isOwn: true }).close();
  assert.throws(() => closeSync(descriptor), /EBADF/);
});

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
