import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "./progress.ts";
import type { BatchResult } from "./run-batch.ts";

const STATE = { passedCount: 12, failedCount: 1, endedBatchCount: 3, running: ["a.test.ts", "b"] };
const RESULT: BatchResult = {
  batch: { label: "a.test.ts", files: ["a.test.ts"] },
  tests: [],
  suiteCount: 0,
  failure: undefined,
  durationMs: 1234,
};

function newProgress(terminal: { isTTY?: boolean; columns?: number }) {
  let written = "";
  let nowMs = 0;
  const output = { ...terminal, write: (text: string) => (written += text) };
  return {
    progress: new Progress(output, 40, () => nowMs),
    written: () => written,
    wait: (ms: number) => (nowMs += ms),
  };
}

test("on a terminal there is one line, written over itself ten times a second at most", () => {
  const { progress, written, wait } = newProgress({ isTTY: true, columns: 120 });
  progress.show(STATE);
  assert.equal(written(), "\r\x1b[K3/40, 12 passed, 1 failed: a.test.ts, b");
  wait(99);
  progress.show({ ...STATE, passedCount: 13 });
  assert.equal(written().split("\r").length, 2);
  wait(1);
  progress.show({ ...STATE, passedCount: 14 });
  assert.ok(written().endsWith("\r\x1b[K3/40, 14 passed, 1 failed: a.test.ts, b"), written());
});

test("the line is shorter than the terminal [20 columns]", () => {
  const { progress, written } = newProgress({ isTTY: true, columns: 20 });
  progress.show(STATE);
  assert.equal(written(), "\r\x1b[K3/40, 12 passed, 1 ");
});

test("elsewhere there is a line for each batch, and no escape", () => {
  const { progress, written } = newProgress({});
  progress.show(STATE);
  progress.tellEnd(RESULT, STATE);
  progress.tellEnd({ ...RESULT, failure: "It broke.\nBadly." }, STATE);
  progress.clear();
  assert.equal(
    written(),
    "ok 3/40 a.test.ts: 0 tests in 1.2 s\n" +
      "FAILED 3/40 a.test.ts: 0 tests in 1.2 s\n✖ a.test.ts\n    It broke.\n    Badly.\n\n",
  );
});
