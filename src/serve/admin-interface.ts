// The admin interface of a running server: its port, its listener, and what it reads of the server.
// running-server.ts makes one when --admin asks for it; its code is not loaded otherwise.

import { Monitor, type MonitoredServer } from "../admin/monitor.ts";
import type { ServerFacts, ServerState, StoreFacts } from "../admin/snapshot.ts";
import type { Clock } from "../base/clock.ts";
import { isLoopback, parseIpAddress } from "../base/ip-address.ts";
import { OperationError } from "../base/operation-error.ts";
import type { Rate } from "../config/quantity.ts";
import type { AdminConfig } from "../config/serve-config.ts";
import type { ValueOrigin } from "../config/usage-error.ts";
import type { HitLedger } from "../hits/ledger.ts";
import { type FileRanking, TopFiles } from "../hits/top-files.ts";
import { SharedLimiter } from "../limit/limiter.ts";
import { type WindowContent, windowShape } from "../limit/window.ts";
import type { SharedMemory } from "../memory/memory-layout.ts";
import { METRIC } from "../memory/metrics-layout.ts";
import { hashKey } from "../memory/shared-table.ts";
import { ClientBook, type ClientGain } from "../metrics/client-tallies.ts";
import { MetricsReader, type MetricsReading } from "../metrics/thread-metrics.ts";
import { AdminListener } from "./admin-listener.ts";
import { type PortRequest, shownHostOf, type TakenPort, takePort } from "./listen-address.ts";
import type { ListenWords } from "./listen-error.ts";
import { formatUrl } from "./network-addresses.ts";
import type { ThreadPool } from "./thread-pool.ts";
import type { ThreadWatch } from "./thread-watch.ts";

/** What to do if the port is in use, and how messages name its origin. */
export interface PortSearch extends Pick<PortRequest, "takesNext" | "reserved" | "warn"> {
  readonly origin: ValueOrigin | undefined;
}

export interface AdminInterfaceOptions extends ServerWatchOptions {
  readonly clock: Clock;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

export class AdminInterface {
  /** As the user gave the host, with the real port. */
  readonly url: string;
  readonly #keeper: TakenPort["keeper"];
  readonly #admin: AdminConfig;
  #watch: ServerWatch | undefined;
  #monitor: Monitor | undefined;
  #listener: AdminListener | undefined;

  private constructor(admin: AdminConfig, url: string, keeper: TakenPort["keeper"]) {
    this.#admin = admin;
    this.url = url;
    this.#keeper = keeper;
  }

  /**
   * Takes the port, and answers nobody yet.
   * @param inherited a socket that takes the place of the address in `admin`
   * @throws OperationError when it cannot be had
   */
  static async prepare(
    admin: AdminConfig,
    inherited: TakenPort | undefined,
    search: PortSearch,
  ): Promise<AdminInterface> {
    if (inherited !== undefined) {
      const { address, keeper } = inherited;
      // The flags were checked for an address that only this machine reaches, and this is another address.
      if (admin.token === undefined && !isLoopbackText(address.host)) {
        throw new OperationError(
          'cannot open the admin interface on the socket "admin": others reach its address too; give a token (--admin-token-file FILE), or ListenStream=127.0.0.1:8002',
        );
      }
      const url = formatUrl(shownHostOf(address) ?? "localhost", address.port);
      return new AdminInterface(admin, url, keeper);
    }
    const { origin, ...rest } = search;
    const { host, port } = admin;
    const words = adminWords(host, origin);
    // One host is one address.
    const [taken] = await takePort({ ...rest, hosts: [host], port, words });
    const { address, keeper } = taken as TakenPort;
    return new AdminInterface(admin, formatUrl(host, address.port), keeper);
  }

  /** Answers from now on. */
  async open(options: AdminInterfaceOptions): Promise<void> {
    const { clock, warn } = options;
    this.#watch = new ServerWatch(options);
    this.#monitor = new Monitor(this.#watch, clock);
    const monitor = this.#monitor;
    const admin = this.#admin;
    this.#listener = new AdminListener({ monitor, access: admin, clock, warn });
    await this.#listener.listen(this.#keeper);
  }

  addClients(gains: readonly ClientGain[]): void {
    this.#watch?.addClients(gains);
  }

  threadDied(threadIndex: number): void {
    this.#watch?.forgetThread(threadIndex);
  }

  /** The server stops: until `close`, it answers that it is draining. */
  drain(): void {
    if (this.#watch !== undefined) this.#watch.state = "draining";
  }

  close(): void {
    this.#monitor?.stop();
    // The listener has taken the port over from the one that kept it.
    if (this.#listener !== undefined) this.#listener.close();
    else if ("destroy" in this.#keeper) this.#keeper.destroy();
    else this.#keeper.close();
  }
}

function isLoopbackText(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && isLoopback(address);
}

function adminWords(host: string, origin: ValueOrigin | undefined): ListenWords {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  // The variable HOST is not meant here: an admin host that is not of this machine is always an error.
  const hostOrigin: ValueOrigin | undefined = origin && { ...origin, kind: "typed" };
  return {
    typed: (port) => `--admin ${shownHost}:${port}`,
    example: "--admin 127.0.0.1:8002",
    elsewhere: "use --admin 127.0.0.1:8002",
    hostOrigin,
    portOrigin: origin,
    env: process.env,
  };
}

interface ServerWatchOptions {
  readonly facts: ServerFacts;
  readonly memory: SharedMemory;
  readonly threadCount: number;
  readonly rate: Rate | undefined;
  readonly ledger: HitLedger;
  readonly pool: Pick<ThreadPool, "readyThreads">;
  readonly watch: Pick<ThreadWatch, "hangingThreads" | "hangingMounts" | "stillMs">;
  /** Undefined when the server shares no store. */
  readonly store: () => StoreFacts | undefined;
  readonly persistLagMs: () => number | undefined;
  readonly logLinesDropped: () => number;
  readonly clock: Clock;
}

const MAIN_THREAD_INDEX = 0;
const FILES_MAX = 10;
const CLIENTS_MAX = 20;
/** A client that has asked for nothing for so long is not shown among the clients of now. */
const RECENT_MS = 10_000;

/**
 * A running server as the admin interface sees it: what lies in shared memory, what the threads have
 * reported about their clients, and what only the main thread knows. It reads, and changes nothing.
 */
class ServerWatch implements MonitoredServer {
  readonly facts: ServerFacts;
  state: ServerState = "serving";
  threadRestarts = 0;
  readonly #options: ServerWatchOptions;
  readonly #metrics: MetricsReader;
  readonly #limitReader: SharedLimiter | undefined;
  readonly #topFiles: TopFiles;
  readonly #clients = new ClientBook();

  constructor(options: ServerWatchOptions) {
    const { memory, rate, ledger, clock } = options;
    this.#options = options;
    this.facts = options.facts;
    this.#metrics = new MetricsReader(memory.metrics, options.threadCount);
    this.#limitReader =
      rate && new SharedLimiter(memory, windowShape(rate.count, rate.windowMs), MAIN_THREAD_INDEX);
    this.#topFiles = new TopFiles({ ledger, filesMax: FILES_MAX, monotonicMs: clock.monotonicMs });
  }

  addClients(gains: readonly ClientGain[]): void {
    this.#clients.add(gains);
  }

  forgetThread(threadIndex: number): void {
    this.threadRestarts++;
    this.#metrics.forgetThread(threadIndex);
  }

  get threadsReady(): number {
    return this.#options.pool.readyThreads.length;
  }

  get hanging() {
    const { hangingThreads: threads, hangingMounts: mounts } = this.#options.watch;
    return { threads, mounts };
  }

  readMetrics(): MetricsReading {
    const reading = this.#metrics.read();
    // A thread that hangs measures no delay: it is measured from here.
    for (const [index, values] of reading.threads.entries()) {
      const stillMs = this.#options.watch.stillMs(index + 1);
      for (const at of [METRIC.loopDelayP50Ms, METRIC.loopDelayP99Ms]) {
        values[at] = Math.max(values[at]!, stillMs);
      }
    }
    return reading;
  }

  get files(): FileRanking {
    return this.#topFiles.ranking;
  }

  readClients() {
    return this.#clients.busiest(this.#options.clock.monotonicMs() - RECENT_MS, CLIENTS_MAX);
  }

  readWindow(client: string): WindowContent | undefined {
    if (this.#limitReader === undefined) return undefined;
    const key = hashKey(this.#options.memory.hashSecret, client);
    const nowMs = this.#options.clock.monotonicMs();
    return this.#limitReader.readWindow(key, nowMs) ?? { used: 0, agesMs: [] };
  }

  get limiter() {
    return this.#limitReader?.occupancy ?? { slots: 0, slotsUsed: 0 };
  }

  get store(): StoreFacts | undefined {
    return this.#options.store();
  }

  get hitFiles(): number {
    return this.#options.ledger.fileCount;
  }

  get persistLagMs(): number | undefined {
    return this.#options.persistLagMs();
  }

  get logLinesDropped(): number {
    return this.#options.logLinesDropped();
  }

  advance(elapsedMs: number): void {
    this.#clients.advance(elapsedMs);
    this.#topFiles.update();
  }
}
