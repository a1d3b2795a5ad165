// Writes the threads' access-log batches to standard output. A reader that is too slow, or gone, holds
// nobody up: beyond a bound batches are dropped, and the log says how many lines are missing.

import type { Writable } from "node:stream";

/** What waits for a slow reader at most; two seconds of the busiest server. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

export class LogOutput {
  private readonly output: Writable;
  private droppedLines = 0;
  private isGone = false;

  constructor(output: Writable) {
    this.output = output;
    output.on("error", () => {
      this.isGone = true;
    });
  }

  write(lines: string): void {
    if (this.isGone) return;
    if (this.output.writableLength + lines.length > WAITING_BYTES_MAX) {
      this.droppedLines += lines.split("\n").length - 1;
      return;
    }
    if (this.droppedLines > 0) {
      this.output.write(`# ${this.droppedLines} log lines dropped: the reader is too slow\n`);
      this.droppedLines = 0;
    }
    this.output.write(lines);
  }
}
