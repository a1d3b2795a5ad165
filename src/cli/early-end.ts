// How a command ends before its work is done: by Ctrl-C, or because its standard output or standard
// error fails (a full disk, a terminal that is closed, a pipe whose reader has left). A command that can
// stop half-way says what was done, or tidies up; a second signal ends the process at once. A server
// goes on without its outputs: log/warning.ts and log/output.ts know what to do.

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export interface StopSignal {
  /** Aborted by the first signal, or an output that fails. */
  readonly signal: AbortSignal;
  /** What the shell expects of a command that was stopped; undefined when it was not. */
  exitCode(): number | undefined;
  /** Gives the signals back to the system. */
  release(): void;
}

/** Of the command that is running; undefined where it does not listen. */
let stopRunning: ((exitCode: number) => void) | undefined;

/** Stops the command that is running as a signal does; false where it does not listen. */
function stopCommand(exitCode: number): boolean {
  if (stopRunning === undefined) return false;
  stopRunning(exitCode);
  return true;
}

export function listenForStop(): StopSignal {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const release = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    stopRunning = undefined;
  };
  const stop = (code: number): void => {
    // Before anything else: a second signal must find nothing that listens.
    release();
    exitCode = code;
    controller.abort();
  };
  const onSignal = (name: NodeJS.Signals) => stop(exitCodes[name as keyof typeof exitCodes]);
  stopRunning = stop;
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}

/** A command that tidies up when it is stopped gets so long. */
const TIDY_MS_MAX = 2000;

const STREAMS = [
  ["standard output", "stdout"],
  ["standard error", "stderr"],
] as const;

export class OutputWatch {
  /** Of a command that an output has ended; undefined as long as none has. */
  exitCode: number | undefined;
  #isIgnoring = false;

  constructor() {
    for (const [name, stream] of STREAMS) {
      process[stream].on("error", (error: NodeJS.ErrnoException) => this.#take(name, error));
    }
  }

  /** From now on a failure ends nothing. */
  ignore(): void {
    this.#isIgnoring = true;
  }

  #take(name: string, error: NodeJS.ErrnoException): void {
    // What is printed about a failure may fail as well.
    if (this.#isIgnoring || this.exitCode !== undefined) return;
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
