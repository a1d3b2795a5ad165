// A process of test/run.ts: runs the test files of one batch in itself and sends what becomes of each test
// to its parent, as TestMessage. Started by run-batch.ts alone, with a BatchOrder as its argument.

import process from "node:process";
import { run } from "node:test";
import type { BatchOrder, TestMessage } from "./test-message.ts";
import { TestReader } from "./test-reader.ts";

const { files, name } = JSON.parse(process.argv[2] ?? "") as BatchOrder;
// It must not end this process's life, nor keep it alive: only tests do.
process.channel?.unref();
const reader = new TestReader((message: TestMessage) => process.send?.(message));
const events = run({
  files: [...files],
  isolation: "none",
  // As text: names are full of brackets and dots.
  ...(name === undefined ? {} : { testNamePatterns: [new RegExp(RegExp.escape(name))] }),
});
reader.listenTo(events);
