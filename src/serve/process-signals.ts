// What signals mean to the process of a server, from the first moment of `weir serve`: main.ts takes them
// before it loads anything else, and supervisor.ts says later what they do. They are taken once, and
// for the whole life of the process. What all commands ignore stands in bin/weir.js.

import { isatty } from "node:tty";

/** Exit codes of a process that a signal has ended, as shells give them (128 + its number). */
export const EXIT_BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_BY_SIGNAL;

export interface SignalActions {
  stop(signal: StopSignal): void;
  /** undefined: there is no log file. */
  readonly reopenLog: (() => void) | undefined;
}

/** Of the standard streams. */
function findTerminals(): readonly number[] {
  return [0, 1, 2].filter((descriptor) => isatty(descriptor));
}

/**
 * Node forgets at its start that nohup(1) has made SIGHUP ignored. What nohup leaves is that no standard
 * stream is a terminal, and services have none either: then nothing has hung up. For commands that
 * give the signal no other meaning.
 */
export function ignoreHangUpElsewhere(): void {
  if (findTerminals().length === 0) process.on("SIGHUP", () => {});
}

/**
 * Until a server listens there is nothing to finish. Without waiting: what the start waits for may be
 * a disk that hangs.
 */
const AT_START: SignalActions = {
  stop: (signal) => endWithoutWaiting(EXIT_BY_SIGNAL[signal]),
  reopenLog: undefined,
};

let taken: ProcessSignals | undefined;

/** Takes the signals, or gives those that were taken before: a process has one set of them. */
export function takeSignals(): ProcessSignals {
  taken ??= new ProcessSignals();
  return taken;
}

export class ProcessSignals {
  /** Standard streams that are terminals at the start. */
  readonly #terminals = findTerminals();
  #actions = AT_START;

  constructor() {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => this.#actions.stop(name));
    }
    process.on("SIGHUP", () => this.#hangUp());
    process.on("SIGUSR1", () => this.#actions.reopenLog?.());
  }

  obey(actions: SignalActions): void {
    this.#actions = actions;
  }

  /**
   * Without a terminal nothing has hung up, and the signal can only be meant for the log. Where there is
   * one, SIGHUP ends what runs in it; a log file makes the signal ambiguous, and the terminal itself
   * tells whether it is still there.
   */
  #hangUp(): void {
    const actions = this.#actions;
    const terminals = this.#terminals;
    const isHangUp =
      actions.reopenLog === undefined
        ? terminals.length > 0
        : terminals.some((descriptor) => !isatty(descriptor));
    if (isHangUp) actions.stop("SIGHUP");
    else actions.reopenLog?.();
  }
}

// The end of a process that may have threads which never return from the system, as those that wait for
// a network disk that is gone. process.exit() and worker.terminate() wait for such threads without end.

/**
 * Ends the process with `exitCode`, whatever its threads do: it becomes a Node.js that only exits, and
 * the system ends all other threads for that (execve(2)). A signal to ourselves would do so as well, but
 * has no exit code 0, and does nothing to the first process of a container.
 */
export function endWithoutWaiting(exitCode: number): never {
  try {
    process.execve?.(process.execPath, [process.execPath, "-e", `process.exit(${exitCode})`], {});
  } catch {
    // Not permitted, or that Node.js has been removed meanwhile.
  }
  process.kill(process.pid, "SIGKILL");
  return process.exit(exitCode);
}
