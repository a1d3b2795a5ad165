// What the main thread and the server threads say to each other. Never about a request: requests
// meet in shared memory only. (One exception: a new connection of a socket that threads cannot share.)

import type { Socket } from "node:net";
import type { RefusedClient } from "../limit/first-refusal.ts";
import type { LogLineFormat } from "../log/line.ts";
import type { ClientGain } from "../metrics/client-tallies.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import type { SiteTask } from "../site/thread-site.ts";
import type { ListenAddress } from "./listen-address.ts";

/** How a thread writes its part of the access log. */
export interface ThreadLog {
  readonly format: LogLineFormat;
  /** Whether the log is read on a terminal that wants colour. */
  readonly isColoured: boolean;
}

/** What a server thread is started with (workerData). */
export interface ThreadTask extends SiteTask {
  /** What it listens on. All threads listen on the same, and the kernel spreads the connections. */
  readonly addresses: readonly ListenAddress[];
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
