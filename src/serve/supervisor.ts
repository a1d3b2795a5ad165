// `weir serve` as a process: starts the server, prints what a person or a script waits for, and ends it
// when a signal asks for that (process-signals.ts). The server itself is in running-server.ts.

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

/** Serves until a signal, prints what a person or a script waits for. Resolves with the exit code. */
export async function superviseServer(config: ServeConfig): Promise<number> {
  const inherited = takeInheritedSockets(process.env, process.pid);
  const stopping = new Stopping(config);
  const server = await startServer(config, {
    inherited,
    // From here on there may be answers in progress: a signal does not end them any more.
    beforeListening: () => takeSignals().obey(stopping),
  }).catch(async (error: unknown) => {
    // What was said before comes before the error.
    await finishPrinting();
    throw error;
  });
  stopping.server = server;
  if (!stopping.isAsked) await printStart(config, server);
  await stopping.asked;
  const outcome = await server.stop();
  return end(0, outcome === "stopped" && (await finishPrinting()) === "closed");
}

/** What the signals of a server that listens ask for. */
class Stopping implements SignalActions {
  readonly asked: Promise<void>;
  readonly reopenLog: (() => void) | undefined;
  isAsked = false;
  /** undefined until the start is over. */
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
    // A terminal that is closed may say so twice, by its shell and by the system.
    if (signal === "SIGHUP") return;
    void this.#stopAtOnce(EXIT_BY_SIGNAL[signal]);
  }

  async #stopAtOnce(exitCode: number): Promise<void> {
    this.server?.stopAtOnce();
    // While the server starts its threads are not known yet.
    end(exitCode, (await this.server?.pool.terminate()) === "ended");
  }
}

/** By the plain way only where it is known to lead to the end. */
function end(exitCode: number, isQuiet: boolean): never {
  if (isQuiet) return process.exit(exitCode);
  return endWithoutWaiting(exitCode);
}

async function printStart(config: ServeConfig, { places, adminUrl }: RunningServer): Promise<void> {
  const facts: StartFacts = {
    ...config,
    places,
    // Only for the banner.
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
