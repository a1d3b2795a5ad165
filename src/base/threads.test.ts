import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceLimits } from "node:worker_threads";
import { startThread, type Thread, threadFile } from "./threads.ts";

interface Started {
  readonly thread: Thread<string>;
  readonly ended: Promise<Error>;
  readonly endCount: () => number;
  readonly output: () => string;
  nextMessage(): Promise<unknown>;
}

interface Inputs {
  readonly data?: unknown;
  readonly limits?: ResourceLimits;
  readonly source?: URL;
}

/** A thread that runs the code, with what `node:worker_threads` gives it. */
function start(code: string, { data, limits, source }: Inputs = {}): Started {
  const script = `import { parentPort, threadName, workerData } from "node:worker_threads";\n${code}`;
  const { promise: ended, resolve } = Promise.withResolvers<Error>();
  let takeMessage = (_message: unknown): void => {};
  let endCount = 0;
  let output = "";
  const thread = startThread<unknown, string, unknown>({
    source: source ?? new URL(`data:text/javascript,${encodeURIComponent(script)}`),
    name: "weir test",
    data,
    limits,
    onMessage: (message) => takeMessage(message),
    onOutput: (text) => {
      output += text;
    },
    onEnd: (reason) => {
      endCount++;
      resolve(reason);
    },
  });
  const nextMessage = () =>
    new Promise((resolve) => {
      takeMessage = resolve;
    });
  return { thread, ended, endCount: () => endCount, output: () => output, nextMessage };
}

test("a thread gets its data and its name, and messages go both ways", async () => {
  const code =
    'parentPort.on("message", (word) => parentPort.postMessage([threadName, workerData, word]));';
  const { thread, nextMessage, ended } = start(code, { data: { a: 1 } });
  thread.tell("hello");
  assert.deepEqual(await nextMessage(), ["weir test", { a: 1 }, "hello"]);
  await thread.terminate();
  assert.equal((await ended).message, "it ended by itself");
  // Nobody is there, and nothing happens.
  thread.tell("hello");
  await thread.terminate();
});

const ENDS: readonly (readonly [what: string, code: string, inputs: Inputs, reason: RegExp])[] = [
  ["it throws an Error", 'throw new Error("no disk");', {}, /^no disk$/],
  ["it throws something else", "throw 5;", {}, /^5$/],
  ["a promise of it is rejected", 'Promise.reject(new Error("late"));', {}, /^late$/],
  ["it has nothing left to do", "1;", {}, /^it ended by itself$/],
  ["it exits", "process.exit(3);", {}, /^it ended by itself$/],
  ["its file is missing", "", { source: new URL("file:///nowhere.js") }, /Cannot find module/],
  ["its data cannot be copied", "", { data: () => {} }, /could not be cloned/],
  [
    "it takes more memory than it may",
    "const all = []; for (;;) all.push(new Array(1000).fill(1.5));",
    { limits: { maxOldGenerationSizeMb: 8 } },
    /memory limit/,
  ],
];

for (const [what, code, inputs, reason] of ENDS) {
  test(`the end of a thread is reported once, with its reason [${what}]`, async () => {
    const { ended, endCount, thread } = start(code, inputs);
    assert.equal(endCount(), 0, "startThread returns first");
    assert.match((await ended).message, reason);
    await thread.terminate();
    assert.equal(endCount(), 1);
  });
}

test("what a thread writes reaches the one who started it [both streams]", async () => {
  const { ended, output } = start('console.log("one"); console.error("two");');
  await ended;
  assert.match(output(), /one\n/);
  assert.match(output(), /two\n/);
});

test("in a checkout a thread is its source, in the published form a bundle beside all others", () => {
  const source = new URL("file:///weir/src/load/load-thread.ts");
  assert.equal(threadFile(source, "file:///weir/src/base/threads.ts"), source);
  assert.equal(
    threadFile(new URL("file:///weir/dist/load-thread.ts"), "file:///weir/dist/weir/main.js").href,
    "file:///weir/dist/weir/load-thread.js",
  );
});
