// A server from its start to its end, on the main thread: makes the shared memory, starts the threads,
// saves the hits, opens the log and the admin interface, and stops all of it in order. It never touches
// a request, and knows neither signals nor terminals (supervisor.ts).

import { randomBytes } from "node:crypto";
import { BoundSocket } from "node:net";
import type { LogOutput } from "../access-log/log-output.ts";
import type { ServerFacts } from "../admin/snapshot.ts";
import { systemClock } from "../base/clock.ts";
import { OperationError } from "../base/operation-error.ts";
import { readProgramVersion } from "../base/program-version.ts";
import type { AdminConfig, ServeConfig, StoreConfig } from "../config/serve-config.ts";
import { HitLedger } from "../hits/hit-ledger.ts";
import { windowShape } from "../limit/sliding-window.ts";
import { createSharedMemory, type SharedMemory } from "../shared-memory/memory-layout.ts";
import type { StoreHealth } from "../store/store-health.ts";
import type { AdminInterface } from "./admin-interface.ts";
import { type HitSaving, openHitSaving } from "./hit-saving.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import {
  type ListenAddress,
  PORT_FLAG,
  shownHostOf,
  type TakenPort,
  takePort,
} from "./listen-address.ts";
import { formatUrl } from "./listen-url.ts";
import { openLog } from "./open-log.ts";
import { createSiblingWarning } from "./sibling-warning.ts";
import type { AcceptMode } from "./thread-message.ts";
import { ThreadPool } from "./thread-pool.ts";
import { createTask, releaseHoldings } from "./thread-task.ts";
import { warn } from "./warning.ts";

/** A server that is running. */
export interface RunningServer {
  readonly address: ListenAddress;
  /** As the user gave it, or the address of the socket that was handed to us; undefined: every interface. */
  readonly shownHost: string | undefined;
  /** Of the admin interface, if there is one. */
  readonly adminUrl: string | undefined;
  readonly pool: ThreadPool;
  /** Opens the log file anew: what is answered from now on goes to the new one. */
  reopenLog(): Promise<void>;
  /**
   * No new connections, answers in progress are finished, hits saved and the log written. Resolves
   * when all is ended.
   */
  stop(): Promise<void>;
  /** Ends now; what was counted is saved. */
  stopAtOnce(): void;
}

/** By default what the system can; for tests of the way that it does not need. */
export interface StartOptions {
  readonly acceptKind?: AcceptMode["kind"];
  /** Sockets to serve on instead of those that would be opened. */
  readonly inherited?: InheritedSockets;
}

/** @throws OperationError when the address cannot be listened on or a thread cannot start */
export async function startServer(
  config: ServeConfig,
  options: StartOptions = {},
): Promise<RunningServer> {
  const memory = createMemory(config);
  const logOutput = await openLog(config, warn);
  const { address, shownHost, keeper, accept } = await takeSite(config, options);
  // Before the threads: that its address is taken is told at once.
  const admin = await prepareAdmin(config.admin, options.inherited?.admin);
  const ledger = new HitLedger(memory);
  const storeHealth = config.store && (await watchStore(config.store, config.rate !== undefined));
  const saver = await openHitSaving(config, ledger, storeHealth);
  const pool = new ThreadPool({
    threadCount: config.workerCount,
    taskOf: (threadIndex) => createTask(config, memory, accept, threadIndex),
    onLog: (lines, droppedLines) => logOutput.write(lines, droppedLines),
    onClients: (gains) => admin?.addClients(gains),
    onStore: (threadIndex, isUp, reason) => {
      storeHealth?.report(`thread ${threadIndex}`, isUp, reason);
    },
    onIgnoredSibling: createSiblingWarning(warn),
    onDeath: (threadIndex, reason) => {
      warn(`server thread ${threadIndex} died (${reason}); another takes its place`);
      releaseHoldings(config, memory, threadIndex);
      admin?.threadDied(threadIndex);
    },
  });
  try {
    await pool.start();
    if (accept.kind === "hand-over") await pool.acceptHere(keeper);
    await admin?.open({
      facts: describeServer(config, formatUrl(shownHost ?? "localhost", address.port)),
      memory,
      threadCount: config.workerCount,
      rate: config.rate,
      ledger,
      pool,
      store: () => storeHealth?.state,
      persistLagMs: () => saver?.lagMs,
      logLinesDropped: () => logOutput.droppedLines,
      clock: systemClock,
      warn,
    });
  } catch (error) {
    await pool.terminate();
    await saver?.stop();
    throw new OperationError(`cannot start the server threads: ${(error as Error).message}`);
  }
  return {
    address,
    shownHost,
    adminUrl: admin?.url,
    pool,
    async reopenLog() {
      await pool.flushLogs();
      await logOutput.reopen();
    },
    async stop() {
      admin?.drain();
      // A keeper that a listener has taken over is closed with that listener.
      if (accept.kind === "reuse-port" && keeper instanceof BoundSocket) keeper.close();
      await stopInOrder(config, { pool, saver, logOutput });
      admin?.close();
    },
    stopAtOnce: () => saver?.stopAtOnce(),
  };
}

/** Where the public is served, and how the threads come by its connections. */
async function takeSite(config: ServeConfig, { acceptKind, inherited }: StartOptions) {
  const site = inherited?.site;
  const { address, keeper } = site ?? (await takePort(config.host, config.port, PORT_FLAG));
  const shownHost = site === undefined ? config.host : shownHostOf(address);
  // A socket that others opened has one queue, and so one thread that accepts.
  const canShare = process.platform === "linux" && site === undefined;
  const kind = acceptKind ?? (canShare ? "reuse-port" : "hand-over");
  const accept: AcceptMode = kind === "hand-over" ? { kind } : { kind, ...address };
  return { address, shownHost, keeper, accept };
}

/** What belongs to the store is loaded only where one is named. */
async function watchStore({ url, whenDown }: StoreConfig, hasLimit: boolean): Promise<StoreHealth> {
  const { StoreHealth } = await import("../store/store-health.ts");
  return new StoreHealth({ shown: url.shown, whenDown: hasLimit ? whenDown : "unlimited", warn });
}

/** Its code is loaded only where somebody wants to look. */
async function prepareAdmin(
  admin: AdminConfig | undefined,
  inherited: TakenPort | undefined,
): Promise<AdminInterface | undefined> {
  if (admin === undefined && inherited !== undefined) {
    throw new OperationError(
      'cannot use the socket "admin": the admin interface is off (turn it on: --admin 127.0.0.1:8002)',
    );
  }
  if (admin === undefined) return undefined;
  const { AdminInterface } = await import("./admin-interface.ts");
  return AdminInterface.prepare(admin, inherited);
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

interface ServerParts {
  readonly pool: ThreadPool;
  readonly saver: HitSaving | undefined;
  readonly logOutput: LogOutput;
}

async function stopInOrder(
  config: ServeConfig,
  { pool, saver, logOutput }: ServerParts,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<"time up">((resolve) => {
    timer = setTimeout(resolve, config.drainMs, "time up");
  });
  const outcome = await Promise.race([pool.drain(), timeUp]);
  clearTimeout(timer);
  if (outcome === "time up") {
    warn(
      `answers still in progress after ${config.drainMs / 1000} s were cut off (--drain sets the wait)`,
    );
  }
  // A thread that has drained has sent all its lines; one that is cut off may have some left.
  if (outcome === "time up") await pool.flushLogs();
  await pool.terminate();
  // Last: the threads may have counted until now.
  await saver?.stop();
  await logOutput.close();
}

function createMemory(config: ServeConfig): SharedMemory {
  const { rate } = config;
  const cellCount = rate === undefined ? 0 : windowShape(rate.count, rate.windowMs).cellCount;
  return createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount,
    threadCount: config.workerCount,
  });
}
