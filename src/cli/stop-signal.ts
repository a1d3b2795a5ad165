// Ctrl-C for commands that can stop half-way and say what was done, or tidy up: the first SIGINT or
// SIGTERM asks for that, the second ends the process at once, as if nothing listened. An output that
// fails stops them in the same way (output-failure.ts).

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
export function stopCommand(exitCode: number): boolean {
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
