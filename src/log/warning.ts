// What the person who runs the server should know, on standard error. In every thread: what a server
// thread says comes to the main thread, which writes it (thread-pool.ts). Nothing here waits or fails,
// whatever standard error is: lines that it does not take are dropped, and counted where they are missing.

import { isMainThread } from "node:worker_threads";
import { LogOutput } from "./output.ts";
import { openStandardSink } from "./sink.ts";

const STANDARD_ERROR = 2;
/** More than a person reads: a disk with a defect has a line for every request. */
const WAITING_BYTES_MAX = 256 * 1024;

let output: LogOutput | undefined;

/** A warning that is said at its first call only. */
export function warnOnce(line: string): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid) warn(line);
    isSaid = true;
  };
}

/** One line for the person who runs the server. */
export function warn(line: string): void {
  const text = `weir: ${line}\n`;
  if (isMainThread) printForOperator(text);
  else process.stderr.write(text);
}

/**
 * On the main thread: whole lines as they are to be shown, such as the banner.
 * @param text in any language; it is written in UTF-8
 */
export function printForOperator(text: string): void {
  openOutput().write(Buffer.from(text, "utf8").toString("latin1"));
}

/** Resolves when all is written, or no more is taken; see `LogOutput.close`. */
export function finishPrinting(): Promise<"closed" | "stuck"> {
  return openOutput().close();
}

/** Opened by the first line, and so never in a command that has none. */
function openOutput(): LogOutput {
  output ??= new LogOutput({
    sink: openStandardSink(STANDARD_ERROR),
    formatRemark: (lineCount) => `weir: ${lineCount} lines are missing here\n`,
    // That standard error has failed can be said nowhere: standard output is for the log alone.
    warn: () => {},
    waitingBytesMax: WAITING_BYTES_MAX,
  });
  return output;
}
