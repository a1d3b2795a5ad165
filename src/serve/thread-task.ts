// What the main thread and a server thread give each other: the task that the thread starts with, the
// messages, and what is released when it has died. Messages are never about a request, because requests
// meet in shared memory alone.

import type { Socket } from "node:net";
import { ConnectionQuota } from "../clients/quota.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { RefusedClient } from "../limit/first-refusal.ts";
import { ConcurrencyGate } from "../limit/gate.ts";
import type { LogLineFormat } from "../log/line.ts";
import type { SharedMemory } from "../memory/memory-layout.ts";
import { SharedTable } from "../memory/shared-table.ts";
import type { ClientGain } from "../metrics/client-tallies.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import type { SiteTask } from "../site/thread-site.ts";
import type { ListenAddress } from "./listen-address.ts";
import { wantsColour } from "./outputs.ts";
import {
  connectionsPerThread,
  readDescriptorLimit,
  readUsableMemory,
  sendBytesPerThread,
} from "./process-limits.ts";

const MAIN_THREAD_INDEX = 0;

/** How a thread writes its part of the access log. */
export interface ThreadLog {
  readonly format: LogLineFormat;
  /** Whether the log goes to a terminal that wants colours. */
  readonly isColoured: boolean;
}

/** What a server thread is started with (workerData). */
export interface ThreadTask extends SiteTask {
  /** All threads listen on the same addresses, and the kernel spreads the connections. */
  readonly addresses: readonly ListenAddress[];
  /** Undefined: there is no access log. */
  readonly log: ThreadLog | undefined;
  /** How many connections this thread serves at once. */
  readonly connectionsMax: number;
  /** How much this thread may hold of answers that their clients have not taken. */
  readonly sendBytesMax: number;
}

export type ToThread =
  | { readonly kind: "drain" }
  /** The main thread has taken a batch of the access log: another may come. */
  | { readonly kind: "log-taken" }
  /** The thread sends all its log lines, and then "log-flushed". */
  | { readonly kind: "flush-log" }
  /** The main thread has accepted this connection, on a socket that threads cannot share. */
  | { readonly kind: "connection"; readonly socket: Socket };

export type FromThread =
  | { readonly kind: "ready" }
  /** A batch of whole lines of the access log, and how many lines are missing after them. */
  | { readonly kind: "log"; readonly lines: string; readonly droppedLines: number }
  | { readonly kind: "log-flushed" }
  /** What clients have asked for since the last message, a few times a second at most. */
  | { readonly kind: "clients"; readonly gains: readonly ClientGain[] }
  /** The limit has refused a request: the first of this thread. */
  | { readonly kind: "refused"; readonly refusal: RefusedClient }
  /** The store has gone, and why, or has come back. The first message says how it is at the start. */
  | { readonly kind: "store"; readonly isUp: boolean; readonly reason: string }
  /** A compressed sibling was not sent, because it is older than its file. */
  | { readonly kind: "ignored-sibling"; readonly ignored: IgnoredSibling }
  /** The mounts that do not answer, each time that this changes. */
  | { readonly kind: "hanging-mounts"; readonly mountPoints: readonly string[] }
  /** Answers that their clients do not read have filled the memory for them: the first time. */
  | { readonly kind: "send-memory-full" }
  /** Every connection has ended after a drain. */
  | { readonly kind: "drained" };

/** What thread number `threadIndex` (1 and up) is started with. */
export function createTask(
  config: ServeConfig,
  memory: SharedMemory,
  addresses: readonly ListenAddress[],
  threadIndex: number,
): ThreadTask {
  return {
    threadIndex,
    config,
    addresses,
    memory,
    log: describeThreadLog(config),
    connectionsMax: connectionsPerThread(readDescriptorLimit(), config.workers),
    sendBytesMax: sendBytesPerThread(readUsableMemory(), config.workers),
  };
}

function describeThreadLog({ log: format, logFile }: ServeConfig): ThreadLog | undefined {
  if (format === "off") return undefined;
  const isColoured = logFile === undefined && wantsColour(process.stdout, process.env);
  return { format, isColoured };
}

/**
 * Gives back what a dead thread held and nothing else would free: locks, connections and places in the
 * gate. (The ledger gives back what it held of the hits.)
 */
export function releaseHoldings(
  config: ServeConfig,
  memory: SharedMemory,
  threadIndex: number,
): void {
  new SharedTable(memory.limiterTable, memory.limiterShape, MAIN_THREAD_INDEX).unlockAllOf(
    threadIndex,
  );
  new ConnectionQuota(memory, config.clientConnections, MAIN_THREAD_INDEX).forgetThread(
    threadIndex,
  );
  if (config.concurrency === undefined) return;
  new ConcurrencyGate(memory, config.concurrency, MAIN_THREAD_INDEX).abandonAllOf(threadIndex);
}
