// `weir serve` as a process: starts the server, prints what a person or a script waits for, and obeys
// the signals. The server itself is in running-server.ts.

import type { ServeConfig } from "../config/serve-config.ts";
import { takeInheritedSockets } from "./inherited-sockets.ts";
import { listNetworkAddresses } from "./network-addresses.ts";
import { hasLogFile } from "./open-log.ts";
import { makeQrSection } from "./qr-code.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import {
  chooseSharedUrl,
  formatBanner,
  formatReadyLine,
  type StartFacts,
} from "./start-message.ts";
import { wantsColour } from "./wants-colour.ts";

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

/** Serves until a signal, prints what a person or a script waits for. Resolves with the exit code. */
export async function superviseServer(config: ServeConfig): Promise<number> {
  const inherited = takeInheritedSockets(process.env, process.pid);
  const server = await startServer(config, { inherited });
  // Before the ready line: whoever reads it may send a signal at once, and that has to find us.
  const firstSignal = nextSignal();
  // Elsewhere it keeps its meaning: whoever closes a terminal ends what runs on it.
  if (hasLogFile(config)) process.on("SIGHUP", () => void server.reopenLog());
  await printStart(config, server);
  await firstSignal;
  // The second signal does not wait for anything.
  void nextSignal().then((signal) => {
    server.stopAtOnce();
    process.exit(EXIT_BY_SIGNAL[signal]);
  });
  await server.stop();
  // Lines that nobody reads any more would keep the process for ever.
  if (process.stdout.writableLength > 0) process.exit(0);
  return 0;
}

async function printStart(config: ServeConfig, { places, adminUrl }: RunningServer): Promise<void> {
  const facts: StartFacts = {
    rootDir: config.rootDir,
    places,
    threadCount: config.workerCount,
    rate: config.rate?.text,
    // Only for the banner.
    networkAddresses: process.stderr.isTTY ? listNetworkAddresses() : [],
    adminUrl,
  };
  const { stderr } = process;
  if (!stderr.isTTY) {
    stderr.write(formatReadyLine(facts));
    return;
  }
  const isColoured = wantsColour(stderr, process.env);
  stderr.write(formatBanner(facts, isColoured));
  if (!config.qr) return;
  const { columns, rows } = stderr;
  stderr.write(await makeQrSection(chooseSharedUrl(facts), { columns, rows, isColoured }));
}

function nextSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      process.off("SIGINT", take);
      process.off("SIGTERM", take);
      resolve(signal as StopSignal);
    };
    process.on("SIGINT", take);
    process.on("SIGTERM", take);
  });
}
