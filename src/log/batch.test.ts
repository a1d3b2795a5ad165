import assert from "node:assert/strict";
import { test } from "node:test";
import { LogBatch } from "./batch.ts";

/** A batch with small bounds, and what it sent. */
function newBatch(bounds: { fullBytes?: number; sentMax?: number; batchBytesMax?: number }) {
  const sent: (readonly [string, number])[] = [];
  const batch = new LogBatch({
    send: (lines, droppedLines) => sent.push([lines, droppedLines]),
    ...{ fullBytes: 100, sentMax: 9, batchBytesMax: 100 },
    ...bounds,
  });
  return { batch, sent };
}

test("lines are handed on together, each with its end, and only once", () => {
  const { batch, sent } = newBatch({});
  batch.flush();
  batch.add("a");
  batch.add("b");
  assert.deepEqual(sent, []);
  batch.flush();
  batch.flush();
  batch.add("c");
  batch.flush();
  assert.deepEqual(sent, [
    ["a\nb\n", 0],
    ["c\n", 0],
  ]);
});

test("a full batch does not wait for the flush [10 bytes]", () => {
  const { batch, sent } = newBatch({ fullBytes: 10 });
  for (const line of ["1234", "1234", "1234"]) batch.add(line);
  assert.deepEqual(sent, [["1234\n1234\n", 0]]);
});

test("while enough batches are under way none is sent, and the lines wait [2 at most]", () => {
  const { batch, sent } = newBatch({ fullBytes: 5, sentMax: 2, batchBytesMax: 20 });
  for (const line of ["0001", "0002", "0003"]) batch.add(line);
  batch.flush();
  assert.equal(sent.length, 2);
  batch.taken();
  batch.add("0004");
  assert.deepEqual(sent[2], ["0003\n0004\n", 0]);
});

test("what finds no room is counted, and the count goes with the next batch [10 bytes]", () => {
  const { batch, sent } = newBatch({ sentMax: 0, batchBytesMax: 10 });
  for (const line of ["1234", "1234", "1", "12"]) batch.add(line);
  batch.flush();
  assert.deepEqual(sent, []);
  batch.flushAll();
  batch.flushAll();
  assert.deepEqual(sent, [["1234\n1234\n", 2]]);
});
