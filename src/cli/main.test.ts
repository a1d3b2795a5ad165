import assert from "node:assert/strict";
import { test } from "node:test";
import { OperationError } from "../base/operation-error.ts";
import { UsageError } from "../config/usage-error.ts";
import { reportError } from "./main.ts";

function report(error: unknown, showsStack = false): { exitCode: number; text: string } {
  let text = "";
  const stderr = { write: (chunk: string | Uint8Array) => (text += chunk) };
  const exitCode = reportError(error, { helpPage: "weir get --help", stderr, showsStack });
  return { exitCode, text };
}

test("reportError of a UsageError exits 2 and names the help page", () => {
  const { exitCode, text } = report(new UsageError("missing value"));
  assert.deepEqual([exitCode, text], [2, "weir: missing value\nsee: weir get --help\n"]);
});

test("reportError of an OperationError exits 1 with its one line", () => {
  const { exitCode, text } = report(new OperationError('cannot listen on "80"'));
  assert.deepEqual([exitCode, text], [1, 'weir: cannot listen on "80"\n']);
});

for (const thrown of [new TypeError("x is not\na function"), "x is not\na function"]) {
  test(`reportError of a thrown ${typeof thrown} exits 1 on two lines and asks for a report`, () => {
    const { exitCode, text } = report(thrown);
    assert.equal(exitCode, 1);
    assert.match(
      text,
      /^weir: internal error: x is not a function\n[^\n]*please report it[^\n]*\n$/,
    );
  });
}

test("reportError shows the stack of an unexpected error when asked", () => {
  assert.match(report(new TypeError("x"), true).text, /TypeError: x\n +at /);
  assert.doesNotMatch(report(new OperationError("x"), true).text, / at /);
});
