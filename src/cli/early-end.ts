// How a command ends before its work is done: by Ctrl-C, or because its standard output or standard
// error fails (a full disk, a closed terminal, a pipe whose reader has left). A command that can stop
// half-way says what it has done, or tidies up; a second signal ends the process at once. A server goes on
// without its outputs: log/warning.ts and log/output.ts see to that.

import { endWithoutWaiting } from "../serve/process-signals.ts";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export interface StopSignal {
  /** The first signal aborts it, and so does an output that fails. */
  readonly signal: AbortSignal;
  /** The code that a shell expects from a stopped command; undefined if nothing stopped it. */
  exitCode(): number | undefined;
  /** Gives the signals back to the system. */
  release(): void;
}

/** Stops the command that is running; undefined if that command does not listen. */
let stopRunning: ((exitCode: number) => void) | undefined;

/** Stops the running command as a signal does. Returns false if the command does not listen. */
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
  const onSignal = (name: NodeJS.Signals) => stop(EXIT_CODES[name as keyof typeof EXIT_CODES]);
  stopRunning = stop;
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}

/**
 * Runs a command that Ctrl-C may stop. What it throws after that is how it stopped, and no error.
 * @returns the exit code of `act`, or that of the signal
 */
export async function runUntilStopped(
  act: (stop: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = listenForStop();
  try {
    return await act(stop.signal);
  } catch (error) {
    const stopCode = stop.exitCode();
    if (stopCode !== undefined) return stopCode;
    throw error;
  } finally {
    stop.release();
  }
}

/** How long a stopped command may take to tidy up. */
const TIDY_MS_MAX = 2000;

const STREAMS = [
  ["standard output", "stdout"],
  ["standard error", "stderr"],
] as const;

export class OutputWatch {
  /** The exit code of a command that an output has ended; undefined while none has. */
  exitCode: number | undefined;
  #isIgnoring = false;

  constructor() {
    for (const [name, stream] of STREAMS) {
      process[stream].on("error", (error: NodeJS.ErrnoException) => this.#take(name, error));
    }
  }

  /** From now on a failing output ends nothing. */
  ignore(): void {
    this.#isIgnoring = true;
  }

  #take(name: string, error: NodeJS.ErrnoException): void {
    // Printing a line about a failure may fail as well.
    if (this.#isIgnoring || this.exitCode !== undefined) return;
    // `weir load … | head -1`: the reader has what it wanted, so weir says nothing.
    const isLeft = error.code === "EPIPE";
    const exitCode = isLeft ? 0 : 1;
    this.exitCode = exitCode;
    if (!isLeft) process.stderr.write(`weir: cannot write to ${name}: ${describe(error)}\n`);
    if (!stopCommand(exitCode)) endWithoutWaiting(exitCode);
    setTimeout(() => endWithoutWaiting(exitCode), TIDY_MS_MAX).unref();
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
