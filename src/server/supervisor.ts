// The main thread of a server: makes the shared memory, starts the threads, saves the hits, and stops
// everything in order when a signal comes. It never touches a request.

import { randomBytes } from "node:crypto";
import type { BoundSocket } from "node:net";
import { networkInterfaces } from "node:os";
import type { LogOutput } from "../access-log/log-output.ts";
import { systemClock } from "../base/clock.ts";
import { OperationError } from "../base/operation-error.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import { HitLedger } from "../hits/hit-ledger.ts";
import { HitSaver } from "../hits/hit-saver.ts";
import { ConcurrencyGate } from "../limit/concurrency-gate.ts";
import { ConnectionQuota } from "../limit/connection-quota.ts";
import { windowShape } from "../limit/sliding-window.ts";
import { createSharedMemory, type SharedMemory } from "../shared-memory/memory-layout.ts";
import { SharedTable } from "../shared-memory/shared-table.ts";
import { connectionsPerThread, readDescriptorLimit } from "./descriptor-limit.ts";
import { type ListenAddress, takePort } from "./listen-address.ts";
import { describeThreadLog, hasLogFile, openLog } from "./open-log.ts";
import { makeQrSection } from "./qr-code.ts";
import {
  chooseSharedUrl,
  formatBanner,
  formatReadyLine,
  type StartFacts,
} from "./start-message.ts";
import type { AcceptMode, ThreadTask } from "./thread-message.ts";
import { ThreadPool } from "./thread-pool.ts";
import { wantsColour } from "./wants-colour.ts";

const MAIN_THREAD_INDEX = 0;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

/** A server that is running. */
export interface RunningServer {
  readonly address: ListenAddress;
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

/** Serves until a signal, prints what a person or a script waits for. Resolves with the exit code. */
export async function superviseServer(config: ServeConfig): Promise<number> {
  const server = await startServer(config);
  // Before the ready line: whoever reads it may send a signal at once, and that has to find us.
  const firstSignal = nextSignal();
  // Elsewhere it keeps its meaning: whoever closes a terminal ends what runs on it.
  if (hasLogFile(config)) process.on("SIGHUP", () => void server.reopenLog());
  await printStart(config, server.address);
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

/** By default what the system can; for tests of the way that it does not need. */
export interface StartOptions {
  readonly acceptKind?: AcceptMode["kind"];
}

/** @throws OperationError when the address cannot be listened on or a thread cannot start */
export async function startServer(
  config: ServeConfig,
  options: StartOptions = {},
): Promise<RunningServer> {
  const memory = createMemory(config);
  const logOutput = await openLog(config, warn);
  const { address, keeper } = await takePort(config.host, config.port);
  const saver = startSaver(config, memory);
  const acceptKind =
    options.acceptKind ?? (process.platform === "linux" ? "reuse-port" : "hand-over");
  const canShare = acceptKind === "reuse-port";
  const accept: AcceptMode = canShare ? { kind: "reuse-port", ...address } : { kind: "hand-over" };
  const pool = new ThreadPool({
    threadCount: config.workerCount,
    taskOf: (threadIndex) => createTask(config, memory, accept, threadIndex),
    onLog: (lines, droppedLines) => logOutput.write(lines, droppedLines),
    onDeath: (threadIndex, reason) => {
      warn(`server thread ${threadIndex} died (${reason}); another takes its place`);
      releaseHoldings(config, memory, threadIndex);
    },
  });
  try {
    await pool.start();
    if (!canShare) await pool.acceptHere(keeper);
  } catch (error) {
    await pool.terminate();
    saver?.stop();
    throw new OperationError(`cannot start the server threads: ${(error as Error).message}`);
  }
  return {
    address,
    pool,
    async reopenLog() {
      await pool.flushLogs();
      await logOutput.reopen();
    },
    stop: () => stopInOrder(config, { pool, saver, logOutput }, canShare ? keeper : undefined),
    stopAtOnce: () => saver?.stop(),
  };
}

interface ServerParts {
  readonly pool: ThreadPool;
  readonly saver: HitSaver | undefined;
  readonly logOutput: LogOutput;
}

async function stopInOrder(
  config: ServeConfig,
  { pool, saver, logOutput }: ServerParts,
  keeper: BoundSocket | undefined,
): Promise<void> {
  keeper?.close();
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
  saver?.stop();
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

function startSaver(config: ServeConfig, memory: SharedMemory): HitSaver | undefined {
  if (config.stateDir === undefined) return undefined;
  const saver = new HitSaver({
    stateDir: config.stateDir,
    rootDir: config.rootDir,
    ledger: new HitLedger(memory),
    warn,
    wallMs: systemClock.wallMs,
  });
  saver.start();
  return saver;
}

function createTask(
  config: ServeConfig,
  memory: SharedMemory,
  accept: AcceptMode,
  threadIndex: number,
): ThreadTask {
  const { rootDir, hidden, symlinks, index, listing, readme, zip, compress, site } = config;
  const { rate, concurrency, delayMs } = config;
  const types = config.types === undefined ? undefined : new Set(config.types);
  return {
    threadIndex,
    accept,
    memory,
    rootDir,
    rules: { hidden, symlinks, types },
    index,
    listing,
    readme,
    zip,
    compress,
    site,
    rate,
    concurrency,
    delayMs,
    log: describeThreadLog(config),
    clientConnections: config.clientConnections,
    connectionsMax: connectionsPerThread(readDescriptorLimit(), config.workerCount),
  };
}

/** What a dead thread held would otherwise be missing for ever: locks, and places in the gate. */
function releaseHoldings(config: ServeConfig, memory: SharedMemory, threadIndex: number): void {
  new SharedTable(memory.hitTable, memory.hitShape, MAIN_THREAD_INDEX).unlockAllOf(threadIndex);
  new SharedTable(memory.limiterTable, memory.limiterShape, MAIN_THREAD_INDEX).unlockAllOf(
    threadIndex,
  );
  new ConnectionQuota(memory, config.clientConnections, MAIN_THREAD_INDEX).forgetThread(
    threadIndex,
  );
  if (config.concurrency === undefined) return;
  new ConcurrencyGate(memory, config.concurrency, MAIN_THREAD_INDEX).abandonAllOf(threadIndex);
}

async function printStart(config: ServeConfig, address: ListenAddress): Promise<void> {
  const facts: StartFacts = {
    rootDir: config.rootDir,
    address,
    host: config.host,
    threadCount: config.workerCount,
    rate: config.rate?.text,
    networkAddresses: Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .filter((entry) => !entry.internal && entry.family === "IPv4")
      .map((entry) => entry.address),
    adminUrl: undefined,
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

function warn(line: string): void {
  process.stderr.write(`weir: ${line}\n`);
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
