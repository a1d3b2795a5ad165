// What the main thread and the server threads say to each other. Never about a request: requests
// meet in shared memory only. (One exception: a new connection of a socket that threads cannot share.)

import type { Socket } from "node:net";
import type { LogLineFormat } from "../access-log/log-line.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { IgnoredSibling } from "../files/siblings.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import type { SharedMemory } from "../shared-memory/memory-layout.ts";
import type { RefusedClient } from "./first-refusal.ts";
import type { ListenAddress } from "./listen-address.ts";

/** How a thread writes its part of the access log. */
export interface ThreadLog {
  readonly format: LogLineFormat;
  /** Whether the log is read on a terminal that wants colour. */
  readonly isColoured: boolean;
}

/** What a server thread is started with (workerData). */
export interface ThreadTask {
  /** 1 and up; 0 is the main thread. */
  readonly threadIndex: number;
  readonly config: ServeConfig;
  /** What it listens on. All threads listen on the same, and the kernel spreads the connections. */
  readonly addresses: readonly ListenAddress[];
  readonly memory: SharedMemory;
  /** undefined: there is no access log. */
  readonly log: ThreadLog | undefined;
  /** How many connections this thread may have open. */
  readonly connectionsMax: number;
  /** How much this thread may hold of answers that their clients have not taken. */
  readonly sendBytesMax: number;
}

export type ToThread =
  | { readonly kind: "drain" }
  /** A batch of the access log has been taken: another may come. */
  | { readonly kind: "log-taken" }
  /** All lines up to now are wanted, and "log-flushed" behind them. */
  | { readonly kind: "flush-log" }
  | { readonly kind: "connection"; readonly socket: Socket };

export type FromThread =
  | { readonly kind: "ready" }
  /** A batch of whole lines of the access log, and how many are missing behind them. */
  | { readonly kind: "log"; readonly lines: string; readonly droppedLines: number }
  | { readonly kind: "log-flushed" }
  /** What clients have asked for since the last message, a few times a second at most. */
  | { readonly kind: "clients"; readonly gains: readonly ClientGain[] }
  /** The limit has refused a request; of each thread's life the first. */
  | { readonly kind: "refused"; readonly refusal: RefusedClient }
  /** The store is gone, and why, or it is back; and once at the start which of them. */
  | { readonly kind: "store"; readonly isUp: boolean; readonly reason: string }
  /** The first compressed sibling that was not sent because it is older than its file. */
  | { readonly kind: "ignored-sibling"; readonly ignored: IgnoredSibling }
  /** The mounts that do not answer, whenever that changes. */
  | { readonly kind: "hanging-mounts"; readonly mountPoints: readonly string[] }
  /** Answers that their clients do not read have filled their memory. Once from each thread. */
  | { readonly kind: "send-memory-full" }
  /** Every connection has ended after a drain. */
  | { readonly kind: "drained" };
