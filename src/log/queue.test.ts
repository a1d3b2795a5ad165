import assert from "node:assert/strict";
import { test } from "node:test";
import { LogQueue } from "./queue.ts";

function newQueue(waitingBytesMax = 100): LogQueue {
  return new LogQueue({ formatRemark: (count) => `# ${count}\n`, waitingBytesMax });
}

/** Takes all that waits, piece by piece. */
function takeAll(queue: LogQueue): string {
  let text = "";
  for (let bytes = queue.next(); bytes !== undefined; bytes = queue.next()) {
    text += bytes.toString();
    queue.advance(bytes.length);
  }
  return text;
}

test("what was added comes out in order, and only once", () => {
  const queue = newQueue();
  queue.add("a\nb\n", 0);
  queue.add("c\n", 0);
  assert.equal(takeAll(queue), "a\nb\nc\n");
  assert.equal(takeAll(queue), "");
});

test("lines without room are dropped and counted; the remark stands where they are missing", () => {
  const queue = newQueue(10);
  queue.add("1\n2\n3\n4\n", 0);
  queue.add("5\n6\n", 0);
  queue.add("7\n8\n9\n", 0);
  assert.equal(queue.droppedLines, 5);
  assert.equal(takeAll(queue), "1\n2\n3\n4\n");
  queue.add("10\n", 0);
  assert.equal(takeAll(queue), "# 5\n10\n");
  assert.equal(queue.droppedLines, 5);
});

test("lines that were dropped before they came are told behind those that did", () => {
  const queue = newQueue();
  queue.add("1\n", 3);
  queue.add("5\n", 0);
  assert.equal(takeAll(queue), "1\n# 3\n5\n");
  assert.equal(queue.droppedLines, 3);
});

test("at the end a remark tells of what was dropped last", () => {
  const queue = newQueue(1);
  queue.add("1\n", 1);
  queue.addRemark();
  queue.addRemark();
  assert.equal(takeAll(queue), "# 2\n");
});

test("a mark is taken when all before it has been written", () => {
  const queue = newQueue();
  const marks: string[] = [];
  queue.add("1\n", 0);
  queue.addMark(() => marks.push("first"));
  queue.add("2\n", 0);
  assert.equal(queue.takeMark(true), undefined);
  assert.equal(queue.next()?.toString(), "1\n");
  queue.advance(1);
  assert.equal(queue.takeMark(true), undefined);
  queue.advance(1);
  assert.equal(queue.next(), undefined);
  queue.takeMark(true)?.();
  assert.deepEqual(marks, ["first"]);
  assert.equal(takeAll(queue), "2\n");
});

test("out of turn a mark is taken at once, and the rest of a line that was begun is dropped", () => {
  const queue = newQueue();
  queue.add("1234\n5\n", 0);
  queue.addMark(() => {});
  queue.next();
  queue.advance(2);
  assert.notEqual(queue.takeMark(false), undefined);
  queue.dropRestOfLine();
  queue.dropRestOfLine();
  assert.equal(takeAll(queue), "5\n");
  assert.equal(queue.droppedLines, 1);
});

test("a whole line is not the rest of one", () => {
  const queue = newQueue();
  queue.add("1\n2\n", 0);
  queue.next();
  queue.dropRestOfLine();
  queue.advance(2);
  queue.dropRestOfLine();
  assert.equal(takeAll(queue), "2\n");
});

test("dropping all counts what waits, a line that was begun among it, and no remark", () => {
  const queue = newQueue();
  queue.add("1234\n5\n", 4);
  queue.add("6\n", 0);
  queue.next();
  queue.advance(2);
  assert.equal(queue.dropAll(), 3);
  assert.equal(queue.droppedLines, 7);
  assert.equal(takeAll(queue), "");
  queue.add("x".repeat(90), 0);
  assert.equal(queue.next()?.length, 4);
});
