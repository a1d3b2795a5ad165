// Runs one batch in a process of its own and waits for its end. Whatever happens in there (a crash, a test
// that never ends, a process left behind) ends here as a result, and nothing of it goes on.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Batch } from "./batch.ts";
import { toTestPath } from "./choose-files.ts";
import type { BatchOrder, TestMessage, TestResult } from "./test-message.ts";

export interface BatchOptions {
  readonly batchMsMax: number;
  readonly name: string | undefined;
  /** Ends the process at once. */
  readonly stop: AbortSignal;
  readonly onTest: (test: TestResult) => void;
}

export interface BatchResult {
  readonly batch: Batch;
  readonly tests: readonly TestResult[];
  readonly suiteCount: number;
  /** A failure outside the tests, such as a crash. */
  readonly failure: string | undefined;
  readonly durationMs: number;
}

const BATCH_PROCESS = fileURLToPath(new URL("batch-process.ts", import.meta.url));

/** The end of what a process printed, long enough to show why it ended. */
const OUTPUT_CHARACTERS_MAX = 4000;

/** After the end of a process, for what it printed; something that has left its group may hold that. */
const LAST_WORDS_MS = 2000;

/**
 * Hundreds of processes load the same files. It is Node's own cache of what it has compiled, and spares
 * half of each start.
 */
const COMPILE_CACHE = join(tmpdir(), "weir-test-compile-cache");

/** The reports of a process of tests so far. */
class Account {
  readonly tests: TestResult[] = [];
  suiteCount = 0;
  isDone = false;
  /** The test that was started last. */
  current = "";
  said = "";
  readonly #onTest: (test: TestResult) => void;

  constructor(onTest: (test: TestResult) => void) {
    this.#onTest = onTest;
  }

  add(message: TestMessage): void {
    if (message.kind === "started") this.current = `${testPath(message.file)}: ${message.name}`;
    if (message.kind === "suite") this.suiteCount++;
    if (message.kind === "said") this.say(`${message.text}\n`);
    if (message.kind === "done") this.isDone = true;
    if (message.kind === "ended") {
      const test = { ...message.test, file: testPath(message.test.file) };
      this.tests.push(test);
      this.#onTest(test);
    }
  }

  say(text: string): void {
    this.said = (this.said + text).slice(-OUTPUT_CHARACTERS_MAX);
  }

  /** @param code undefined where the process was ended after its time */
  describeFailure(code: number | null | undefined, signal: string | null): string | undefined {
    const hasFailed = this.tests.some(({ outcome }) => outcome === "failed");
    if (code === 0 && this.isDone) return undefined;
    // The code is 1 because of the failed tests, which speak for themselves.
    if (code === 1 && this.isDone && hasFailed) return undefined;
    const end =
      code === undefined
        ? "was ended because it took too long"
        : `ended with ${signal === null ? `exit code ${code}` : signal}`;
    const where = this.isDone ? "after all tests" : `in or after ${this.current || "its start"}`;
    return `The process ${end}, ${where}.\n${this.said}`.trimEnd();
  }
}

export async function runBatch(batch: Batch, options: BatchOptions): Promise<BatchResult> {
  const startMs = performance.now();
  const account = new Account(options.onTest);
  const order: BatchOrder = { files: batch.files.map((file) => resolve(file)), name: options.name };
  const child = startProcess(order);
  child.on("message", (message) => account.add(message as TestMessage));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => account.say(text));
  }
  const end = (): void => endGroup(child);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, options.batchMsMax);
  options.stop.addEventListener("abort", end);
  const heard = once(child, "close");
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  options.stop.removeEventListener("abort", end);
  // Servers that a test has left behind would hold ports, and what the process printed last.
  end();
  await Promise.race([heard, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  const failure = options.stop.aborted
    ? undefined
    : account.describeFailure(isLate ? undefined : code, signal);
  const { tests, suiteCount } = account;
  return { batch, tests, suiteCount, failure, durationMs: performance.now() - startMs };
}

/** The process of tests knows absolute paths only. */
function testPath(file: string): string {
  return toTestPath(process.cwd(), file);
}

function startProcess(order: BatchOrder): ChildProcess {
  // Set where the runner itself is run by a test.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  return spawn(process.execPath, [BATCH_PROCESS, JSON.stringify(order)], {
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own, so that what it has started can be ended with it.
    detached: true,
  });
}

/** The process and all that it has started, but for what has left its group. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
