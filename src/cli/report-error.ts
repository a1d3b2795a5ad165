// Turns an error into lines on stderr and an exit code. Called by main.ts only, as the last resort of
// every command; a stack is shown only to who asks for it with WEIR_DEBUG=1.

import { OperationError } from "../base/operation-error.ts";
import { UsageError } from "../config/usage-error.ts";
import type { Output } from "./command.ts";

export interface ErrorContext {
  /** The page that explains the right usage: `weir serve --help`. */
  readonly helpPage: string;
  readonly stderr: Output;
  readonly showsStack: boolean;
}

/** Returns the exit code: 2 for wrong usage, else 1. */
export function reportError(error: unknown, context: ErrorContext): number {
  const { helpPage, stderr, showsStack } = context;
  if (error instanceof UsageError) {
    const advice = error.advice === undefined ? "" : ` (${error.advice})`;
    stderr.write(`weir: ${error.message}\nsee: ${helpPage}${advice}\n`);
    return 2;
  }
  if (error instanceof OperationError) {
    stderr.write(`weir: ${error.message}\n`);
    return 1;
  }
  const isError = error instanceof Error;
  const message = (isError ? error.message : String(error)).replace(/\p{Cc}+/gu, " ");
  stderr.write(
    `weir: internal error: ${message}\n` +
      "this is a defect of weir: please report it, with what WEIR_DEBUG=1 adds to these lines\n",
  );
  if (showsStack && isError) stderr.write(`${error.stack}\n`);
  return 1;
}
