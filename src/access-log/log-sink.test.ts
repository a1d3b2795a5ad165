import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { LogDescriptor, LogStream } from "./log-sink.ts";

test("a descriptor is written to where it stands, and left open", async (t) => {
  const path = join(makeTempFolder(t), "out");
  const descriptor = openSync(path, "w");
  const sink = new LogDescriptor(descriptor);
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
  const sink = new LogDescriptor(descriptor);
  await assert.rejects(sink.write(Buffer.from("1\n")), /ENOSPC/);
  assert.equal(sink.canRecover, true);
  closeSync(descriptor);
});

test("a stream is written to and not ended, and forgets its listener", async () => {
  const stream = new PassThrough();
  const sink = new LogStream(stream);
  assert.equal(await sink.write(Buffer.from("1\n")), 2);
  await sink.reopen();
  await sink.close();
  assert.equal(stream.listenerCount("error"), 0);
  assert.equal(stream.writable, true);
  assert.equal(String(stream.read()), "1\n");
});

test("a stream whose reader has gone is a failure that does not pass, and no uncaught error", async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error("gone")) });
  const sink = new LogStream(stream);
  await assert.rejects(sink.write(Buffer.from("1\n")), /gone/);
  assert.equal(sink.canRecover, false);
});
