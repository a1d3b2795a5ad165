// What becomes of a command whose standard output or standard error fails: a full disk, a terminal that
// is closed, a pipe whose reader has left. Made by main.ts before anything is printed. A server goes on,
// as its outputs (server/warning.ts, access-log) know what to do; any other command ends.

import { stopCommand } from "./stop-signal.ts";

/** A command that tidies up when it is stopped gets so long. */
const TIDY_MS_MAX = 2000;

const STREAMS = [
  ["standard output", "stdout"],
  ["standard error", "stderr"],
] as const;

export class OutputWatch {
  /** Of a command that an output has ended; undefined as long as none has. */
  exitCode: number | undefined;
  private isIgnoring = false;

  constructor() {
    for (const [name, stream] of STREAMS) {
      process[stream].on("error", (error: NodeJS.ErrnoException) => this.take(name, error));
    }
  }

  /** From now on a failure ends nothing. */
  ignore(): void {
    this.isIgnoring = true;
  }

  private take(name: string, error: NodeJS.ErrnoException): void {
    // What is printed about a failure may fail as well.
    if (this.isIgnoring || this.exitCode !== undefined) return;
    // `weir load … | head -1`: the reader has what it wanted, which is not worth a word.
    const isLeft = error.code === "EPIPE";
    const exitCode = isLeft ? 0 : 1;
    this.exitCode = exitCode;
    if (!isLeft) process.stderr.write(`weir: cannot write to ${name}: ${describe(error)}\n`);
    if (!stopCommand(exitCode)) process.exit(exitCode);
    setTimeout(() => process.exit(exitCode), TIDY_MS_MAX).unref();
  }
}

function describe({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `its disk is full (${code})`;
    case "EIO":
      return "it is closed, or has a defect (EIO)";
    default:
      return message;
  }
}
