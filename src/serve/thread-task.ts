// What a server thread is started with, and what is released for it when it has died. Called on the main
// thread by running-server.ts.

import { ConnectionQuota } from "../clients/quota.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import { ConcurrencyGate } from "../limit/gate.ts";
import type { SharedMemory } from "../memory/memory-layout.ts";
import { SharedTable } from "../memory/shared-table.ts";
import type { ListenAddress } from "./listen-address.ts";
import { describeThreadLog } from "./open-log.ts";
import {
  connectionsPerThread,
  readDescriptorLimit,
  readUsableMemory,
  sendBytesPerThread,
} from "./process-limits.ts";
import type { ThreadTask } from "./thread-message.ts";

const MAIN_THREAD_INDEX = 0;

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

/**
 * Gives back what a dead thread held, which nobody else could have any more: locks, connections and
 * places in the gate. What it held of the hits, the ledger gives back.
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
