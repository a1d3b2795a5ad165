// What the main thread and the server threads say to each other. Never about a request: requests
// meet in shared memory only. (One exception, on systems without SO_REUSEPORT: a new connection.)

import type { Socket } from "node:net";
import type { LogLineFormat } from "../access-log/log-line.ts";
import type { ClientConfig, Rate, StoreConfig } from "../config/serve-config.ts";
import type { SiteConfig } from "../config/site-config.ts";
import type { ServingRules } from "../files/serving-rules.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import type { SharedMemory } from "../shared-memory/memory-layout.ts";

/** How a thread comes by its connections. */
export type AcceptMode =
  /** It listens on the same address as the others; the kernel spreads the connections. */
  | { readonly kind: "reuse-port"; readonly host: string; readonly port: number }
  /** The main thread listens and hands each connection over. */
  | { readonly kind: "hand-over" };

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
  readonly accept: AcceptMode;
  readonly memory: SharedMemory;
  readonly rootDir: string;
  readonly rules: ServingRules;
  readonly index: boolean;
  readonly listing: boolean;
  readonly readme: boolean;
  readonly zip: boolean;
  readonly compress: boolean;
  readonly site: SiteConfig;
  readonly rate: Rate | undefined;
  readonly clients: ClientConfig;
  readonly store: StoreConfig | undefined;
  readonly concurrency: number | undefined;
  readonly delayMs: number;
  readonly log: ThreadLog | undefined;
  /** Whether the thread counts what it does; where nobody can ask it does not. */
  readonly metrics: boolean;
  /** Open connections of one client, over all threads. */
  readonly clientConnections: number;
  /** Open connections of this thread. */
  readonly connectionsMax: number;
}

export type ToThread =
  | { readonly kind: "drain" }
  /** A batch of the access log has been taken: another may come. */
  | { readonly kind: "log-taken" }
  /** All lines up to now are wanted, and "log-flushed" behind them. */
  | { readonly kind: "flush-log" }
  | { readonly kind: "connection"; readonly socket: Socket };

/** A file below the root, one character a byte, and the time of its last change. */
export interface TimedPath {
  readonly path: string;
  readonly modifiedMs: number;
}

export type FromThread =
  | { readonly kind: "ready" }
  /** A batch of whole lines of the access log, and how many are missing behind them. */
  | { readonly kind: "log"; readonly lines: string; readonly droppedLines: number }
  | { readonly kind: "log-flushed" }
  /** What clients have asked for since the last message, a few times a second at most. */
  | { readonly kind: "clients"; readonly gains: readonly ClientGain[] }
  /** The store is gone, and why, or it is back; and once at the start which of them. */
  | { readonly kind: "store"; readonly isUp: boolean; readonly reason: string }
  /** The first compressed sibling that was not sent because it is older than its file. */
  | { readonly kind: "ignored-sibling"; readonly sibling: TimedPath; readonly file: TimedPath }
  /** Every connection has ended after a drain. */
  | { readonly kind: "drained" };
