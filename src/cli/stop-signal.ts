// Ctrl-C for commands that can stop half-way and say what was done, or tidy up: the first SIGINT or
// SIGTERM asks for that, the second ends the process at once, as if nobody listened.

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export interface StopSignal {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** What the shell expects of a command that was stopped; undefined when it was not. */
  exitCode(): number | undefined;
  /** Gives the signals back to the system. */
  release(): void;
}

export function listenForStop(): StopSignal {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const release = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    // Before anything else: a second signal must find nobody listening.
    release();
    exitCode = exitCodes[name as keyof typeof exitCodes];
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}
