// A server from its start to its end, on the main thread: makes the shared memory, opens the log, the place
// of the hits and the admin interface, starts the threads, and stops all of it in order (`stopInOrder`). It
// never touches a request, and knows neither signals nor terminals (supervisor.ts).

import { randomBytes } from "node:crypto";
import type { ServerFacts } from "../admin/snapshot.ts";
import { settledWithin, systemClock } from "../base/clock.ts";
import { OperationError } from "../base/operation-error.ts";
import { readProgramVersion } from "../base/program-version.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { StoreUrl } from "../config/urls.ts";
import { originRemark, quote } from "../config/usage-error.ts";
import type { StoreHealth } from "../fleet/health.ts";
import { HitLedger, type HitSaver } from "../hits/ledger.ts";
import { createRefusalNotice } from "../limit/first-refusal.ts";
import { windowShape } from "../limit/sliding-window.ts";
import type { LogOutput } from "../log/output.ts";
import { warn, warnOnce } from "../log/warning.ts";
import { createSharedMemory, type SharedMemory } from "../memory/memory-layout.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import { decodeName } from "../site/listing/entry.ts";
import type { AdminInterface } from "./admin-interface.ts";
import { ThreadWatch } from "./hanging-threads.ts";
import type { TakenPort } from "./listen-address.ts";
import { openHitSaver, openLog } from "./outputs.ts";
import { readDescriptorLimit, threadsWithin } from "./process-limits.ts";
import {
  type AcceptKind,
  type InheritedSockets,
  type SiteListeners,
  takeSiteListeners,
} from "./site-listeners.ts";
import { formatPlace, type ServedPlace } from "./start-message.ts";
import { ThreadPool } from "./thread-pool.ts";
import { createTask, releaseHoldings } from "./thread-task.ts";

const SEND_MEMORY_FULL =
  "answers that their clients do not read have filled their share of the memory: the client that has " +
  "read nothing for longest is cut off (weir_unread_answers_ended_total counts them)";

/** A server that is running. */
export interface RunningServer {
  /** Where the site is served: at least one place. */
  readonly places: readonly ServedPlace[];
  /** The address of the admin interface, if there is one. */
  readonly adminUrl: string | undefined;
  readonly pool: ThreadPool;
  /** Opens the log file again: answers from now on are logged in the new one. */
  reopenLog(): Promise<void>;
  /**
   * Takes no new connections, finishes the answers in progress, saves the hits and writes the log.
   * "stuck": this was done as far as possible, but a thread hangs in the system and will not end.
   */
  stop(): Promise<"stopped" | "stuck">;
  /** Ends now; the hits that were counted are saved. */
  stopAtOnce(): void;
}

/** For tests of ways that this system does not need by itself. */
export interface StartOptions {
  readonly acceptKind?: AcceptKind;
  /** Sockets to serve on, instead of opening some. */
  readonly inherited?: InheritedSockets;
  /** Called at the last moment at which no client can have been answered. */
  readonly beforeListening?: () => void;
}

/** @throws OperationError when the address cannot be listened on or a thread cannot start */
export async function startServer(
  config: ServeConfig,
  options: StartOptions = {},
): Promise<RunningServer> {
  const memory = createMemory(config);
  const logOutput = await openNamedLog(config);
  options.beforeListening?.();
  // Before the threads: an address that is in use is reported at once.
  const { listeners, admin } = await takeListeners(config, options);
  const { places, addresses, acceptors } = listeners;
  const ledger = new HitLedger(memory);
  const storeHealth = config.store && (await watchStore(config, config.store));
  const saver = await openHitSaver(config, ledger, storeHealth);
  const pool = new ThreadPool({
    threadCount: config.workers,
    taskOf: (threadIndex) => createTask(config, memory, addresses, threadIndex),
    onLog: (lines, droppedLines) => logOutput.write(lines, droppedLines),
    onClients: (gains) => admin?.addClients(gains),
    onRefused: createRefusalNotice(config.rate?.text ?? "", warn),
    onStore: (threadIndex, isUp, reason) => {
      storeHealth?.report(`thread ${threadIndex}`, isUp, reason);
    },
    onIgnoredSibling: createSiblingWarning(warn),
    onHangingMounts: (threadIndex, mountPoints) => watch.mountsHang(threadIndex, mountPoints),
    onSendMemoryFull: warnOnce(SEND_MEMORY_FULL),
    onDeath: (threadIndex, reason) => {
      warn(`server thread ${threadIndex} died (${reason}); another takes its place`);
      releaseHoldings(config, memory, threadIndex);
      ledger.threadDied(threadIndex);
      watch.forgetThread(threadIndex);
      admin?.threadDied(threadIndex);
    },
  });
  const watch = new ThreadWatch({
    control: memory.control,
    readyThreads: () => pool.readyThreads,
    warn,
  });
  try {
    await pool.start();
    for (const acceptor of acceptors) await pool.acceptHere(acceptor);
    await admin?.open({
      facts: describeServer(config, places.map(formatPlace)[0] ?? ""),
      memory,
      threadCount: config.workers,
      rate: config.rate,
      ledger,
      pool,
      watch,
      store: () => storeHealth?.state,
      persistLagMs: () => saver?.lagMs,
      logLinesDropped: () => logOutput.droppedLines,
      clock: systemClock,
      warn,
    });
  } catch (error) {
    watch.stop();
    giveUp(listeners);
    await pool.terminate();
    await saver?.stop();
    throw threadsError(config, error as Error);
  }
  return controlServer(config, { listeners, admin, pool, watch, saver, logOutput });
}

interface ServerParts {
  readonly listeners: SiteListeners;
  readonly admin: AdminInterface | undefined;
  readonly pool: ThreadPool;
  readonly watch: ThreadWatch;
  readonly saver: HitSaver | undefined;
  readonly logOutput: LogOutput;
}

function controlServer(config: ServeConfig, parts: ServerParts): RunningServer {
  const { listeners, admin, pool, watch, saver, logOutput } = parts;
  return {
    places: listeners.places,
    adminUrl: admin?.url,
    pool,
    async reopenLog() {
      await pool.flushLogs();
      await logOutput.reopen();
    },
    async stop() {
      watch.stop();
      admin?.drain();
      listeners.close();
      const outcome = await stopInOrder(config, parts);
      admin?.close();
      return outcome;
    },
    stopAtOnce() {
      listeners.close();
      saver?.stopAtOnce();
    },
  };
}

async function takeListeners(config: ServeConfig, { inherited, acceptKind }: StartOptions) {
  const listeners = await takeSiteListeners(config, inherited?.sites ?? [], acceptKind, warn);
  try {
    return { listeners, admin: await prepareAdmin(config, listeners.places, inherited?.admin) };
  } catch (error) {
    giveUp(listeners);
    throw error;
  }
}

/** An error says where the log file was named. */
function openNamedLog(config: ServeConfig): Promise<LogOutput> {
  return openLog(config, warn).catch((error: Error) => {
    const remark = originRemark(config.origins["log-file"]);
    throw error instanceof OperationError ? new OperationError(error.message + remark) : error;
  });
}

function threadsError({ workers, origins }: ServeConfig, { message }: Error): OperationError {
  // Where a thread could not be made at all, only the text of Node's error says why.
  if (!/EMFILE|too many open files/i.test(message)) {
    return new OperationError(`cannot start the server threads: ${message}`);
  }
  const limit = readDescriptorLimit();
  return new OperationError(
    `cannot start ${workers} server threads: ${limit} open files are too few for them (raise the limit with ulimit -n, or give --workers ${threadsWithin(limit)})${originRemark(origins.workers)}`,
  );
}

/** After a start that failed: an open listener would keep the process alive. */
function giveUp(listeners: SiteListeners): void {
  listeners.close();
  for (const acceptor of listeners.acceptors) acceptor.close();
}

/** The code for a store is loaded only where one is named. */
async function watchStore(
  { rate, storeDown }: ServeConfig,
  { shown }: StoreUrl,
): Promise<StoreHealth> {
  const { StoreHealth } = await import("../fleet/health.ts");
  return new StoreHealth({ shown, whenDown: rate === undefined ? "unlimited" : storeDown, warn });
}

/** The code of the admin interface is loaded only where it is asked for. */
async function prepareAdmin(
  { admin, nextPort, origins }: ServeConfig,
  places: readonly ServedPlace[],
  inherited: TakenPort | undefined,
): Promise<AdminInterface | undefined> {
  if (admin === undefined && inherited !== undefined) {
    throw new OperationError(
      'cannot use the socket "admin": the admin interface is off (turn it on: --admin 127.0.0.1:8002)',
    );
  }
  if (admin === undefined) return undefined;
  const { AdminInterface } = await import("./admin-interface.ts");
  const reserved = places.flatMap((place) => (place.kind === "port" ? place.port : []));
  return AdminInterface.prepare(admin, inherited, {
    takesNext: nextPort,
    reserved,
    origin: origins.admin,
    warn,
  });
}

function describeServer(config: ServeConfig, url: string): ServerFacts {
  const { rate } = config;
  return {
    version: readProgramVersion(),
    nodeVersion: process.versions.node,
    startedMs: Math.round(performance.timeOrigin),
    rootDir: config.rootDir,
    url,
    rate: rate ?? null,
  };
}

async function stopInOrder(
  config: ServeConfig,
  { pool, saver, logOutput }: ServerParts,
): Promise<"stopped" | "stuck"> {
  const isDrained = await settledWithin(pool.drain(), config.drainMs);
  if (!isDrained) {
    warn(
      `answers still in progress after ${config.drainMs / 1000} s were cut off (--drain sets the wait)`,
    );
    // A thread that has drained has sent all its lines; one that is cut off may have some left.
    await pool.flushLogs();
  }
  const threads = await pool.terminate();
  // After the threads, which may have counted until now. A thread that hangs counts no more.
  await saver?.stop();
  const log = await logOutput.close();
  return threads === "ended" && log === "closed" ? "stopped" : "stuck";
}

function createMemory(config: ServeConfig): SharedMemory {
  const { rate } = config;
  const cellCount = rate === undefined ? 0 : windowShape(rate.count, rate.windowMs).cellCount;
  return createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount,
    threadCount: config.workers,
  });
}

/** Warns of the first compressed sibling that is not used, whichever thread has found it. */
function createSiblingWarning(warn: (line: string) => void): (ignored: IgnoredSibling) => void {
  let hasWarned = false;
  return ({ siblingPath, filePath, siblingMs, fileMs }) => {
    if (hasWarned) return;
    hasWarned = true;
    warn(
      `${quote(decodeName(siblingPath))} is not used, because it is older than ` +
        `${quote(decodeName(filePath))} (${formatTime(siblingMs)} and ${formatTime(fileMs)}): ` +
        "compress the file again (weir says this once)",
    );
  };
}

function formatTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "another time" : time.toISOString();
}
