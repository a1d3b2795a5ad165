// What signals mean to the process of a server, from the first moment of `weir serve`: main.ts takes them
// before it loads anything else, and supervisor.ts says later what they do. They are taken once, for the
// whole life of the process. bin/weir.js has the signals that all commands ignore.

import { isatty } from "node:tty";

/** Exit codes of a process that a signal has ended, as shells give them (128 + its number). */
export const EXIT_BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_BY_SIGNAL;

export interface SignalActions {
  stop(signal: StopSignal): void;
  /** Undefined where there is no log file. */
  readonly reopenLog: (() => void) | undefined;
}

/** The standard streams that are terminals. */
function findTerminals(): readonly number[] {
  return [0, 1, 2].filter((descriptor) => isatty(descriptor));
}

/**
 * Node resets at its start what nohup(1) has set: that SIGHUP is ignored. But under nohup no standard stream
 * is a terminal, as in a service, and then nothing can have hung up. For commands that give the signal no
 * other meaning.
 */
export function ignoreHangUpElsewhere(): void {
  if (findTerminals().length === 0) process.on("SIGHUP", () => {});
}

/**
 * Until a server listens there is nothing to finish. The process ends without waiting, because the start
 * may be waiting for a disk that hangs.
 */
const AT_START: SignalActions = {
  stop: (signal) => endWithoutWaiting(EXIT_BY_SIGNAL[signal]),
  reopenLog: undefined,
};

let taken: ProcessSignals | undefined;

/** Takes the signals at the first call. Later calls return the same object: a process has one. */
export function takeSignals(): ProcessSignals {
  taken ??= new ProcessSignals();
  return taken;
}

export class ProcessSignals {
  /** The standard streams that were terminals at the start. */
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
   * Without a terminal nothing has hung up, and the signal can only be meant for the log. With a terminal,
   * SIGHUP ends what runs in it. If there is also a log file the signal is ambiguous, and the terminal
   * itself shows whether it is still there.
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

/**
 * Ends the process with `exitCode`, whatever its threads do. process.exit() and worker.terminate() would
 * wait without end for a thread that never returns from the system, such as one that waits for a network
 * disk that is gone. process.exit() also waits for V8's compiler threads, and one of those may be waiting
 * for the main thread to collect garbage: then neither ever ends. So the process becomes a Node.js that only exits, and the system ends all its other
 * threads (execve(2)). A signal to ourselves would end them too, but it has no exit code 0, and it does
 * nothing to the first process of a container.
 */
export function endWithoutWaiting(exitCode: number): never {
  try {
    process.execve?.(process.execPath, [process.execPath, "-e", `process.exit(${exitCode})`], {});
  } catch {
    // It is not permitted, or this Node.js has been removed meanwhile.
  }
  process.kill(process.pid, "SIGKILL");
  return process.exit(exitCode);
}
