// A process of test/run.ts: runs the test files of one batch in itself and sends what becomes of each test
// to its parent, as TestMessage. Started by run-batch.ts alone, with a BatchOrder as its argument.

import process from "node:process";
import { run } from "node:test";
import { pathToFileURL } from "node:url";
import type { BatchOrder, TestMessage } from "./test-message.ts";
import { TestReader } from "./test-reader.ts";

const { files, name } = JSON.parse(process.argv[2] ?? "") as BatchOrder;
// It must not end this process's life, nor keep it alive: only tests do.
process.channel?.unref();
const send = (message: TestMessage) => void process.send?.(message);
const reader = new TestReader(send);
const events = run({
  files: [...files],
  isolation: "none",
  // As text: names are full of brackets and dots.
  ...(name === undefined ? {} : { testNamePatterns: [new RegExp(RegExp.escape(name))] }),
});
reader.listenTo(events);
events.on("test:summary", () => void tellBrokenFiles().then(() => send({ kind: "done" })));

/**
 * Node.js says nothing of a file that throws after it has made its first test: the tests that would have
 * come later are missing without a word. To import it again runs nothing, and throws the same error.
 */
async function tellBrokenFiles(): Promise<void> {
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      reader.tellBrokenFile(file, error as Error);
    }
  }
}
