// Reads the events of node:test into messages. Events come in the order of the tests in their file, a
// test's start before those of its parts and its end after them.

import { inspect } from "node:util";
import type { TestMessage, TestResult } from "./test-message.ts";

/** The parts of an event's data that are read; node's types leave some of them out. */
interface EventData {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly message?: string;
  readonly details?: { readonly type?: string; readonly error?: TestError };
}

/** `cause` is what was thrown. */
type TestError = Error & { readonly failureType?: string; readonly cause?: unknown };

interface EventSource {
  on(event: string, listener: (data: EventData) => void): unknown;
}

/** Lines of a stack: enough for the place in the test and the way there. */
const STACK_LINES_MAX = 12;
/** Lines of a message: some tests compare whole pages. */
const MESSAGE_LINES_MAX = 60;
const LINE_CHARACTERS_MAX = 400;

export class TestReader {
  readonly #send: (message: TestMessage) => void;
  /** The names of the tests that have started and not ended, by depth. */
  readonly #names: string[] = [];
  /** Files that node:test has reported as failed tests. */
  readonly #toldFiles = new Set<string>();

  constructor(send: (message: TestMessage) => void) {
    this.#send = send;
  }

  listenTo(events: EventSource): void {
    events.on("test:dequeue", ({ file = "", name }) => this.#send({ kind: "started", file, name }));
    events.on("test:start", ({ name, nesting }) => {
      this.#names.length = nesting;
      this.#names[nesting] = name;
    });
    events.on("test:pass", (data) => this.#tellEnd(data));
    events.on("test:fail", (data) => this.#tellEnd(data));
    events.on("test:diagnostic", ({ message = "" }) => {
      if (/^(Error|Warning):/.test(message)) this.#send({ kind: "said", text: message });
    });
  }

  /** Reports a file that threw while it was loaded, unless node:test has reported a test of that name. */
  tellBrokenFile(file: string, error: Error): void {
    if (this.#toldFiles.has(file)) return;
    const test = readResult({ name: file, nesting: 0, file }, "the file itself", error);
    this.#send({ kind: "ended", test });
  }

  #tellEnd(data: EventData): void {
    const error = data.details?.error;
    if (error !== undefined && data.name === data.file) this.#toldFiles.add(data.name);
    const isSuite = data.details?.type === "suite";
    // A suite fails by itself only in its hooks.
    if (isSuite) this.#send({ kind: "suite" });
    if (isSuite && (error === undefined || isEcho(error))) return;
    const names = [...this.#names.slice(0, data.nesting), data.name];
    this.#send({ kind: "ended", test: readResult(data, names.join(" > "), error) });
  }
}

function readResult(data: EventData, name: string, error: TestError | undefined): TestResult {
  const isMarked = (mark: string | boolean | undefined): boolean =>
    mark !== undefined && mark !== false;
  const common = { file: data.file ?? "", name, isCancelled: false, isEcho: false };
  if (isMarked(data.skip)) return { ...common, outcome: "skipped", reason: textOf(data.skip) };
  if (isMarked(data.todo)) return { ...common, outcome: "todo", reason: textOf(data.todo) };
  if (error === undefined) return { ...common, outcome: "passed", reason: "" };
  return {
    ...common,
    outcome: "failed",
    isCancelled: /cancelled|Timeout/.test(error.failureType ?? ""),
    isEcho: isEcho(error),
    reason: describeError(error),
  };
}

function isEcho(error: TestError): boolean {
  return error.failureType === "subtestsFailed";
}

function textOf(mark: string | boolean | undefined): string {
  return typeof mark === "string" && mark !== "" ? mark : "no reason given";
}

/** The message and where it came from, without the lines of Node.js itself. */
function describeError(error: TestError): string {
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? String(cause)) : inspect(cause);
  const lines = text.split("\n").filter((line) => !/^\s+at .*\(?node:/.test(line));
  const frame = lines.findIndex((line) => /^\s+at /.test(line));
  const message = frame === -1 ? lines : lines.slice(0, frame);
  const stack = frame === -1 ? [] : lines.slice(frame, frame + STACK_LINES_MAX);
  return [...shorten(message), ...stack].join("\n").trimEnd();
}

/** Without the ends of long lines, and without what comes after very many. */
function shorten(lines: readonly string[]): string[] {
  const shown = lines
    .slice(0, MESSAGE_LINES_MAX)
    .map((line) =>
      line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)}…` : line,
    );
  const leftCount = lines.length - shown.length;
  return leftCount > 0 ? [...shown, `… and ${leftCount} lines more`] : shown;
}
