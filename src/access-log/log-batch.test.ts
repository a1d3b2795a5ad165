import assert from "node:assert/strict";
import { test } from "node:test";
import { LogBatch } from "./log-batch.ts";

test("lines are handed on together, each with its end, and only once", () => {
  const sent: string[] = [];
  const batch = new LogBatch({ send: (lines) => sent.push(lines), batchBytesMax: 100 });
  batch.flush();
  batch.add("a");
  batch.add("b");
  assert.deepEqual(sent, []);
  batch.flush();
  batch.flush();
  batch.add("c");
  batch.flush();
  assert.deepEqual(sent, ["a\nb\n", "c\n"]);
});

test("what finds no room is counted, and the count stands in the log [10 bytes at most]", () => {
  const sent: string[] = [];
  const batch = new LogBatch({ send: (lines) => sent.push(lines), batchBytesMax: 10 });
  for (const line of ["1234", "1234", "1", "12"]) batch.add(line);
  batch.flush();
  assert.deepEqual(sent, ["1234\n1234\n# 2 log lines dropped: too many at once\n"]);
  batch.add("1234");
  batch.flush();
  assert.equal(sent[1], "1234\n");
});
