// What the admin interface reads of a server. Types only; server/server-watch.ts fills them.

import type { FileRanking } from "../hits/top-files.ts";
import type { WindowContent } from "../limit/sliding-window.ts";
import type { BookedClient } from "../metrics/client-book.ts";
import type { MetricsReading } from "../metrics/metrics-reader.ts";
import type { ServerFacts, ServerState, StoreFacts } from "./snapshot.ts";

/** Each call gives the state of that moment. */
export interface MonitoredServer {
  readonly facts: ServerFacts;
  readonly state: ServerState;
  /** Server threads that accept connections. */
  readonly threadsReady: number;
  readonly threadRestarts: number;
  /** What has not answered for some seconds: threads by index, mounts by mount point. */
  readonly hanging: { readonly threads: readonly number[]; readonly mounts: readonly string[] };
  readMetrics(): MetricsReading;
  readonly files: FileRanking;
  /** Those seen lately, the busiest first, and how many more there are. */
  readClients(): { readonly clients: readonly BookedClient[]; readonly others: number };
  /** undefined when no limit is on. */
  readWindow(client: string): WindowContent | undefined;
  readonly limiter: { readonly slots: number; readonly slotsUsed: number };
  /** undefined when the server shares none. */
  readonly store: StoreFacts | undefined;
  readonly hitFiles: number;
  /** undefined when hits are kept in memory only. */
  readonly persistLagMs: number | undefined;
  readonly logLinesDropped: number;
  /** Called before each sample: `elapsedMs` since the last. */
  advance(elapsedMs: number): void;
}

/** Two readings, and the time between them. */
export interface Interval {
  readonly before: MetricsReading;
  readonly after: MetricsReading;
  readonly elapsedMs: number;
}
