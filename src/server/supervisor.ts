// The main thread of a server: makes the shared memory, starts the threads, saves the hits, and stops
// everything in order when a signal comes. It never touches a request.

import { randomBytes } from "node:crypto";
import type { BoundSocket } from "node:net";
import { networkInterfaces } from "node:os";
import type { ServerFacts } from "../admin/snapshot.ts";
import { systemClock } from "../base/clock.ts";
import { OperationError } from "../base/operation-error.ts";
import { readProgramVersion } from "../base/program-version.ts";
import type { AdminConfig, ServeConfig } from "../config/serve-config.ts";
import { HitLedger } from "../hits/hit-ledger.ts";
import { HitSaver } from "../hits/hit-saver.ts";
import { ConcurrencyGate } from "../limit/concurrency-gate.ts";
import { ConnectionQuota } from "../limit/connection-quota.ts";
import { windowShape } from "../limit/sliding-window.ts";
import { createSharedMemory, type SharedMemory } from "../shared-memory/memory-layout.ts";
import { SharedTable } from "../shared-memory/shared-table.ts";
import type { AdminInterface } from "./admin-interface.ts";
import { connectionsPerThread, readDescriptorLimit } from "./descriptor-limit.ts";
import { type ListenAddress, PORT_FLAG, takePort } from "./listen-address.ts";
import { formatUrl } from "./listen-url.ts";
import { LogOutput } from "./log-output.ts";
import { formatBanner, formatReadyLine, type StartFacts } from "./start-message.ts";
import type { AcceptMode, ThreadTask } from "./thread-message.ts";
import { ThreadPool } from "./thread-pool.ts";

const MAIN_THREAD_INDEX = 0;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

/** A server that is running. */
export interface RunningServer {
  readonly address: ListenAddress;
  /** Of the admin interface, if there is one. */
  readonly adminUrl: string | undefined;
  readonly pool: ThreadPool;
  /** No new connections, answers in progress are finished, hits saved. Resolves when all is ended. */
  stop(): Promise<void>;
  /** Ends now; what was counted is saved. */
  stopAtOnce(): void;
}

/** Serves until a signal, prints what a person or a script waits for. Resolves with the exit code. */
export async function superviseServer(config: ServeConfig): Promise<number> {
  const server = await startServer(config);
  // Before the ready line: whoever reads it may send a signal at once, and that has to find us.
  const firstSignal = nextSignal();
  printStart(config, server.address);
  await firstSignal;
  // The second signal does not wait for anything.
  void nextSignal().then((signal) => {
    server.stopAtOnce();
    process.exit(EXIT_BY_SIGNAL[signal]);
  });
  await server.stop();
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
  const { address, keeper } = await takePort(config.host, config.port, PORT_FLAG);
  // Before the threads: that its address is taken is told at once.
  const admin = config.admin && (await prepareAdmin(config.admin));
  const ledger = new HitLedger(memory);
  const saver = startSaver(config, ledger);
  const acceptKind =
    options.acceptKind ?? (process.platform === "linux" ? "reuse-port" : "hand-over");
  const canShare = acceptKind === "reuse-port";
  const accept: AcceptMode = canShare ? { kind: "reuse-port", ...address } : { kind: "hand-over" };
  const logOutput = new LogOutput(process.stdout);
  const pool = new ThreadPool({
    threadCount: config.workerCount,
    taskOf: (threadIndex) => createTask(config, memory, accept, threadIndex),
    onLog: (lines) => logOutput.write(lines),
    onClients: (gains) => admin?.addClients(gains),
    onDeath: (threadIndex, reason) => {
      warn(`server thread ${threadIndex} died (${reason}); another takes its place`);
      releaseHoldings(config, memory, threadIndex);
      admin?.threadDied(threadIndex);
    },
  });
  try {
    await pool.start();
    if (!canShare) await pool.acceptHere(keeper);
    await admin?.open({
      facts: describeServer(config, address),
      memory,
      threadCount: config.workerCount,
      rate: config.rate,
      ledger,
      pool,
      persistLagMs: () => saver?.lagMs,
      logLinesDropped: () => 0,
      clock: systemClock,
      warn,
    });
  } catch (error) {
    await pool.terminate();
    saver?.stop();
    throw new OperationError(`cannot start the server threads: ${(error as Error).message}`);
  }
  return {
    address,
    adminUrl: admin?.url,
    pool,
    stop: async () => {
      admin?.drain();
      await stopInOrder(config, pool, saver, canShare ? keeper : undefined);
      admin?.close();
    },
    stopAtOnce: () => saver?.stop(),
  };
}

/** Its code is loaded only where somebody wants to look. */
async function prepareAdmin(admin: AdminConfig): Promise<AdminInterface> {
  const { AdminInterface } = await import("./admin-interface.ts");
  return AdminInterface.prepare(admin);
}

function describeServer(config: ServeConfig, address: ListenAddress): ServerFacts {
  const { rate } = config;
  return {
    version: readProgramVersion(),
    nodeVersion: process.versions.node,
    startedMs: Math.round(performance.timeOrigin),
    rootDir: config.rootDir,
    url: formatUrl(config.host ?? "localhost", address.port),
    rate: rate ?? null,
  };
}

async function stopInOrder(
  config: ServeConfig,
  pool: ThreadPool,
  saver: HitSaver | undefined,
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
  await pool.terminate();
  // Last: the threads may have counted until now.
  saver?.stop();
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

function startSaver(config: ServeConfig, ledger: HitLedger): HitSaver | undefined {
  if (config.stateDir === undefined) return undefined;
  const saver = new HitSaver({
    stateDir: config.stateDir,
    rootDir: config.rootDir,
    ledger,
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
  const { rate, concurrency, delayMs, log } = config;
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
    log: log === "off" ? undefined : log,
    metrics: config.admin !== undefined,
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

function printStart(config: ServeConfig, address: ListenAddress): void {
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
  };
  const { stderr } = process;
  stderr.write(stderr.isTTY ? formatBanner(facts, stderr.hasColors()) : formatReadyLine(facts));
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
