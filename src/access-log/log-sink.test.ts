import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { LogDescriptor, type LogSink, LogStream } from "./log-sink.ts";

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
