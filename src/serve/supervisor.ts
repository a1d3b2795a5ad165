// `weir serve` as a process: starts the server, prints what a person or a script waits for, and stops it
// when a signal asks for that (process-signals.ts). running-server.ts is the server itself.

import type { ServeConfig } from "../config/serve-config.ts";
import { finishPrinting, printForOperator } from "../log/warning.ts";
import { listNetworkAddresses } from "./network-addresses.ts";
import { hasLogFile, wantsColour } from "./outputs.ts";
import {
  EXIT_BY_SIGNAL,
  endWithoutWaiting,
  type SignalActions,
  type StopSignal,
  takeSignals,
} from "./process-signals.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { takeInheritedSockets } from "./site-listeners.ts";
import {
  chooseSharedUrl,
  formatBanner,
  formatReadyLine,
  makeQrSection,
  type StartFacts,
} from "./start-message.ts";

/** How long a process may still be there after everything has ended; it has nothing left to do. */
const LAST_WAIT_MS = 500;

/** Serves until a signal comes. Resolves with the exit code. */
export async function superviseServer(config: ServeConfig): Promise<number> {
  const inherited = takeInheritedSockets(process.env, process.pid);
  const stopping = new Stopping(config);
  const server = await startServer(config, {
    inherited,
    // There may be answers in progress from here on: a signal no longer ends the process at once.
    beforeListening: () => takeSignals().obey(stopping),
  }).catch(async (error: unknown) => {
    // Lines that were printed before come before the error.
    await finishPrinting();
    throw error;
  });
  stopping.server = server;
  if (!stopping.isAsked) await printStart(config, server);
  await stopping.asked;
  const outcome = await server.stop();
  const isQuiet = outcome === "stopped" && (await finishPrinting()) === "closed";
  if (!isQuiet) endWithoutWaiting(0);
  // The process ends by itself, now that nothing keeps it. Whatever should, does not keep it for long.
  setTimeout(() => endWithoutWaiting(0), LAST_WAIT_MS).unref();
  return 0;
}

/** What signals do once the server listens. */
class Stopping implements SignalActions {
  readonly asked: Promise<void>;
  readonly reopenLog: (() => void) | undefined;
  isAsked = false;
  /** Undefined until the server has started. */
  server: RunningServer | undefined;
  readonly #ask: () => void;

  constructor(config: ServeConfig) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.asked = promise;
    this.#ask = resolve;
    this.reopenLog = hasLogFile(config) ? () => void this.server?.reopenLog() : undefined;
  }

  /** The first signal waits for the answers in progress, the second for nothing. */
  stop(signal: StopSignal): void {
    if (!this.isAsked) {
      this.isAsked = true;
      this.#ask();
      return;
    }
    // When a terminal is closed, its shell and the system may both send the signal.
    if (signal === "SIGHUP") return;
    void this.#stopAtOnce(EXIT_BY_SIGNAL[signal]);
  }

  async #stopAtOnce(exitCode: number): Promise<void> {
    this.server?.stopAtOnce();
    // While the server starts, its threads are not known yet.
    await this.server?.pool.terminate();
    endWithoutWaiting(exitCode);
  }
}

async function printStart(config: ServeConfig, { places, adminUrl }: RunningServer): Promise<void> {
  const facts: StartFacts = {
    ...config,
    places,
    // Only the banner shows them.
    networkAddresses: process.stderr.isTTY ? listNetworkAddresses() : [],
    adminUrl,
  };
  const { stderr } = process;
  if (!stderr.isTTY) {
    printForOperator(formatReadyLine(facts));
    return;
  }
  const isColoured = wantsColour(stderr, process.env);
  printForOperator(formatBanner(facts, isColoured));
  if (!config.qr) return;
  const { columns, rows } = stderr;
  printForOperator(await makeQrSection(chooseSharedUrl(facts), { columns, rows, isColoured }));
}
