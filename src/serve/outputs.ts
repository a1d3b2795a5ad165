// What a running server writes, and where: its access log to standard output or a file, and its hits to
// an SQLite file in the state folder, to the store that several servers share, or nowhere. Opened on the
// main thread by running-server.ts.

import type { WriteStream } from "node:tty";
import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { StoreUrl } from "../config/urls.ts";
import type { StoreHealth } from "../fleet/health.ts";
import type { HitLedger, HitSaver } from "../hits/ledger.ts";
import { SqliteSaver } from "../hits/sqlite-saver.ts";
import { formatDroppedRemark } from "../log/line.ts";
import { LogOutput } from "../log/output.ts";
import { LogFile, type LogSink, openStandardSink } from "../log/sink.ts";
import { warn } from "../log/warning.ts";

type LogConfig = Pick<ServeConfig, "log" | "logFile">;

const STANDARD_OUTPUT = 1;

/**
 * Opens the log before anything else starts, so that a log which cannot be written is reported at once
 * and not after a day of serving.
 * @param warn prints one line for the person who runs the server
 * @throws OperationError when the file cannot be opened
 */
export async function openLog(config: LogConfig, warn: (line: string) => void): Promise<LogOutput> {
  const format = config.log === "off" ? "combined" : config.log;
  return new LogOutput({
    sink: await openSink(config),
    formatRemark: (count) => formatDroppedRemark(count, format, systemClock.wallMs()),
    warn,
  });
}

/** Whether there is a log file, which a signal can reopen. */
export function hasLogFile({ log, logFile }: LogConfig): boolean {
  return log !== "off" && logFile !== undefined;
}

function openSink(config: LogConfig): LogSink | Promise<LogSink> {
  if (hasLogFile(config)) return LogFile.open(config.logFile as string);
  return openStandardSink(STANDARD_OUTPUT);
}

/**
 * Whether what is written to a stream may have colours: the banner, and the log on a terminal. For a
 * terminal, TERM, NO_COLOR, FORCE_COLOR and NODE_DISABLE_COLORS decide, as Node reads them; anything else
 * has colours only where FORCE_COLOR asks for them.
 */
export function wantsColour(
  stream: Partial<Pick<WriteStream, "isTTY" | "hasColors">>,
  env: NodeJS.ProcessEnv,
): boolean {
  if (stream.isTTY === true) return stream.hasColors?.() ?? false;
  const { FORCE_COLOR } = env;
  return FORCE_COLOR !== undefined && !["0", "false"].includes(FORCE_COLOR);
}

/**
 * Opens the place where hits are kept. With a store there is no file: hits that are kept in two places
 * would be counted twice as soon as one of them is read.
 * @returns undefined where they are kept nowhere. With a store a promise, which resolves when its hits are
 *   shown, or when it does not give them.
 */
export function openHitSaver(
  config: ServeConfig,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): HitSaver | undefined | Promise<HitSaver> {
  const { store, stateDir, rootDir } = config;
  if (store !== undefined) return saveInStore(config, store, ledger, storeHealth);
  if (stateDir === undefined) return undefined;
  const saver = new SqliteSaver({ stateDir, rootDir, ledger, warn, wallMs: systemClock.wallMs });
  saver.start();
  return saver;
}

/** The code for a store is loaded only where one is named. */
async function saveInStore(
  { stateDir, rootDir }: ServeConfig,
  url: StoreUrl,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): Promise<HitSaver> {
  const { openFleetSaver } = await import("../fleet/saver.ts");
  const store = `${url.host}:${url.port}/${url.database} ${url.prefix}`;
  return openFleetSaver({
    address: url,
    shown: url.shown,
    place: stateDir === undefined ? undefined : { stateDir, rootDir, store },
    ledger,
    warn,
    onChange: (isUp, reason) => storeHealth?.report("hits", isUp, reason),
    wallMs: systemClock.wallMs,
  });
}
