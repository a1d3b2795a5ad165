// Lines for the person who runs the server, on standard error. Any thread may warn: the main thread gets the
// lines of a server thread and writes them (serve/thread-pool.ts). Nothing here waits or fails, whatever
// standard error is: lines that it does not take are dropped, and a remark counts them.

import { isMainThread } from "node:worker_threads";
import { LogOutput } from "./output.ts";
import { openStandardSink } from "./sink.ts";

const STANDARD_ERROR = 2;
/** More than a person reads: with a faulty disk there is a line for every request. */
const WAITING_BYTES_MAX = 256 * 1024;

let output: LogOutput | undefined;

/** Makes a warning that is printed at its first call only. */
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
 * Prints whole lines as they are, such as the banner. Called on the main thread only.
 * @param text in any language; it is written in UTF-8
 */
export function printForOperator(text: string): void {
  openOutput().write(Buffer.from(text, "utf8").toString("latin1"));
}

/** Resolves when everything is written or no more is taken; see `LogOutput.close`. */
export function finishPrinting(): Promise<"closed" | "stuck"> {
  return openOutput().close();
}

/** The first line opens it, so a command without lines never does. */
function openOutput(): LogOutput {
  output ??= new LogOutput({
    sink: openStandardSink(STANDARD_ERROR),
    formatRemark: (lineCount) => `weir: ${lineCount} lines are missing here\n`,
    // There is nowhere to report that standard error has failed: standard output is for the log alone.
    warn: () => {},
    waitingBytesMax: WAITING_BYTES_MAX,
  });
  return output;
}
