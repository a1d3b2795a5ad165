import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LogOutput } from "./output.ts";
import type { LogSink, WriteTrouble } from "./sink.ts";

/** Files in memory, one after the other, that a test can fill up or stop from taking more. */
class MemorySink implements LogSink {
  readonly name = "the test's file";
  trouble: WriteTrouble = "troubled";
  readonly files = [""];
  roomBytes = Number.POSITIVE_INFINITY;
  canReopen = true;
  isClosed = false;
  /** Settles when writing may go on. */
  held: Promise<void> | undefined;

  async write(bytes: Buffer): Promise<number> {
    await (this.held ?? nextTurn());
    const count = Math.min(bytes.length, this.roomBytes);
    if (count === 0) throw new Error("no room");
    this.roomBytes -= count;
    this.files[this.files.length - 1] += bytes.toString("latin1", 0, count);
    return count;
  }

  judge(): WriteTrouble {
    return this.trouble;
  }

  async reopen(): Promise<void> {
    if (!this.canReopen) throw new Error("cannot open it");
    this.files.push("");
    this.roomBytes = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** Never up in a test that does not wait for it, however busy the machine is. */
const LONG_MS = 60_000;

function newOutput(sink: LogSink, { waitingBytesMax = 1000, stallMs = LONG_MS } = {}) {
  const warnings: string[] = [];
  const output = new LogOutput({
    sink,
    formatRemark: (count) => `# ${count}\n`,
    warn: (line) => warnings.push(line),
    ...{ waitingBytesMax, retryMs: 1, stallMs },
  });
  return { output, warnings };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

test("all lines are written in order, and closing waits for them", async () => {
  const sink = new MemorySink();
  const { output, warnings } = newOutput(sink);
  output.write("1\n2\n");
  output.write("3\n");
  assert.equal(await output.close(), "closed");
  assert.deepEqual(sink.files, ["1\n2\n3\n"]);
  assert.equal(sink.isClosed, true);
  assert.equal(output.droppedLines, 0);
  assert.deepEqual(warnings, []);
});

test("while a write takes its time lines wait, as many as there is room for", async () => {
  const sink = new MemorySink();
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.held = promise;
  const { output } = newOutput(sink, { waitingBytesMax: 8 });
  for (const line of ["1\n", "2\n", "3\n", "4\n", "5\n", "6\n"]) output.write(line);
  output.write("7\n", 3);
  assert.equal(output.droppedLines, 6);
  resolve();
  await output.close();
  assert.deepEqual(sink.files, ["1\n2\n3\n4\n# 6\n"]);
});

test("what was written before goes to the old file, what comes later to the new one", async () => {
  const sink = new MemorySink();
  const { output } = newOutput(sink);
  output.write("1\n");
  const first = output.reopen();
  output.write("2\n");
  await first;
  const second = output.reopen();
  const third = output.reopen();
  output.write("3\n");
  await Promise.all([second, third]);
  await output.close();
  assert.deepEqual(sink.files, ["1\n", "2\n", "", "3\n"]);
});

test("a file that cannot be opened anew leaves the old one in use, with one warning", async () => {
  const sink = new MemorySink();
  const { output, warnings } = newOutput(sink);
  output.write("1\n");
  sink.canReopen = false;
  await output.reopen();
  output.write("2\n");
  await output.close();
  assert.deepEqual(sink.files, ["1\n2\n"]);
  assert.deepEqual(warnings, ["cannot open it; the log goes on in the file that is open"]);
});

test("on a full disk a line is begun, and ended when there is room again; nothing is lost", async () => {
  const sink = new MemorySink();
  sink.roomBytes = 6;
  const { output, warnings } = newOutput(sink);
  output.write("1234\n6789\n");
  output.write("1\n");
  await until(() => warnings.length > 0);
  assert.deepEqual(sink.files, ["1234\n6"]);
  sink.roomBytes = 100;
  await until(() => warnings.length > 1);
  assert.deepEqual(sink.files, ["1234\n6789\n1\n"]);
  await output.close();
  assert.equal(output.droppedLines, 0);
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? "", /^cannot write the log to the test's file: no room; /);
  assert.match(warnings[1] ?? "", /again$/);
});

test("where the old file takes nothing, what waits goes to the new one, from a whole line on", async () => {
  const sink = new MemorySink();
  sink.roomBytes = 6;
  const { output, warnings } = newOutput(sink);
  output.write("1234\n6789\n");
  output.write("1\n");
  await until(() => warnings.length > 0);
  await output.reopen();
  await output.close();
  assert.deepEqual(sink.files, ["1234\n6", "1\n# 1\n"]);
  assert.equal(output.droppedLines, 1);
});

test("a disk that stays full at the end: the lines are counted and told, and closing ends", async () => {
  const sink = new MemorySink();
  sink.roomBytes = 2;
  const { output, warnings } = newOutput(sink, { stallMs: 20 });
  output.write("1\n2\n3\n");
  await until(() => warnings.length > 0);
  await output.close();
  assert.equal(output.droppedLines, 2);
  assert.deepEqual(sink.files, ["1\n"]);
  assert.match(warnings.at(-1) ?? "", /^2 log lines could not be written to the test's file$/);
});

test("a reader that takes nothing does not keep the end waiting for ever", async () => {
  const sink = new MemorySink();
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.held = promise;
  const { output } = newOutput(sink, { stallMs: 20 });
  output.write("1\n");
  assert.equal(await output.close(), "stuck");
  assert.equal(output.droppedLines, 1);
  // A write that ends late finds nothing to go on with.
  resolve();
  await nextTurn();
  assert.equal(output.droppedLines, 1);
});

test("a reader that is gone for good is told once, and every further line counts as dropped", async () => {
  const sink = new MemorySink();
  sink.trouble = "gone";
  sink.roomBytes = 2;
  const { output, warnings } = newOutput(sink);
  output.write("1\n2\n");
  await until(() => output.droppedLines === 1);
  output.write("3\n4\n", 5);
  await output.reopen();
  assert.equal(await output.close(), "closed");
  assert.equal(output.droppedLines, 8);
  assert.deepEqual(sink.files, ["1\n"]);
  assert.deepEqual(warnings, [
    "cannot write the log to the test's file: no room; no more lines are written there",
  ]);
});

test("a reader that is slow gets every line when it reads on, without a word", async () => {
  const sink = new MemorySink();
  sink.trouble = "busy";
  sink.roomBytes = 3;
  const { output, warnings } = newOutput(sink);
  output.write("1\n2\n");
  await until(() => sink.roomBytes === 0);
  output.write("3\n");
  sink.roomBytes = 100;
  await until(() => sink.files[0] === "1\n2\n3\n");
  assert.equal(await output.close(), "closed");
  assert.equal(output.droppedLines, 0);
  assert.deepEqual(warnings, []);
});

test("a sink that never closes does not keep the end waiting", async () => {
  const sink = new MemorySink();
  sink.close = () => new Promise(() => {});
  const { output } = newOutput(sink, { stallMs: 20 });
  output.write("1\n");
  assert.equal(await output.close(), "stuck");
  assert.deepEqual(sink.files, ["1\n"]);
});
