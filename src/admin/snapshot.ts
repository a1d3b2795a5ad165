// What programs and the dashboard get from the admin interface as JSON: the types of /api/snapshot and of the
// events of /api/events. Types only; web/ uses them too. Times are milliseconds since 1970.

/** One second of the server's life, which ended at `timeMs`. Rates are for one second of real time. */
export interface Sample {
  readonly timeMs: number;
  readonly requestsPerSecond: number;
  /** 2xx, 3xx, 4xx other than 429, 429, 5xx: together `requestsPerSecond`. */
  readonly succeededPerSecond: number;
  readonly redirectedPerSecond: number;
  readonly clientErrorsPerSecond: number;
  readonly refusedPerSecond: number;
  readonly serverErrorsPerSecond: number;
  /** Bytes of the bodies that were sent. */
  readonly bytesPerSecond: number;
  /** Of this second's answers, from the whole head to the last byte; null when there were none. */
  readonly latencyP50Ms: number | null;
  readonly latencyP90Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly connectionsOpen: number;
  readonly requestsInProgress: number;
}

/** The last hour at most, a column for each field, the oldest sample first. */
export type SampleColumns = {
  readonly [Field in keyof Sample]: readonly Sample[Field][];
};

export interface ServerFacts {
  readonly version: string;
  readonly nodeVersion: string;
  readonly startedMs: number;
  readonly rootDir: string;
  /** The address of the public listener. */
  readonly url: string;
  /** Null when no limit is on. */
  readonly rate: {
    readonly count: number;
    readonly windowMs: number;
    readonly text: string;
  } | null;
}

/** Since the server started; the same numbers as in /metrics. */
export interface Totals {
  readonly requests: number;
  readonly requestsByMethod: Readonly<Record<MethodName, number>>;
  readonly requestsByStatus: Readonly<Record<StatusClass, number>>;
  readonly refused: number;
  readonly bodyBytes: number;
  readonly hits: number;
  readonly hotFileHits: number;
  readonly connectionsAccepted: number;
  readonly connectionsRejected: number;
}

export type MethodName = "GET" | "HEAD" | "OPTIONS" | "other";
export type StatusClass = "2xx" | "3xx" | "4xx" | "5xx";

export interface ThreadFacts {
  /** 1 and up. */
  readonly threadIndex: number;
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly connectionsOpen: number;
  readonly requestsInProgress: number;
  /** The share of one core, 0 to 1, over the last second. */
  readonly cpuShare: number;
  /** How late the thread did what was due, over the last second. */
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
}

export interface FileFacts {
  /** Percent-decoded, to be read: invisible characters are escaped. */
  readonly path: string;
  /** Percent-encoded, beginning with one slash: a path of the public listener. */
  readonly href: string;
  /** In all, across restarts. */
  readonly hits: number;
  readonly hitsPerSecond: number;
}

export interface ClientFacts {
  /** The client as the limit sees it: an IPv4 address, or the first bits of an IPv6 one (`--ipv6-prefix`). */
  readonly client: string;
  /** Since the server first saw the client, or saw it again after forgetting it. */
  readonly admitted: number;
  readonly refused: number;
  readonly requestsPerSecond: number;
  readonly lastSeenMs: number;
  /** Null when no limit is on. */
  readonly window: ClientWindow | null;
}

/** A client's window at the moment of the snapshot. */
export interface ClientWindow {
  /** How many admissions are in it, out of `rate.count`. */
  readonly used: number;
  /** How many ms ago each admission was, the latest first; or each group of them, if counted in groups. */
  readonly agesMs: readonly number[];
}

/** The store in which servers share the limit's windows. */
export interface StoreFacts {
  /** The URL of the store, without the password. */
  readonly shown: string;
  readonly isUp: boolean;
  /** Why the store is gone; null while it is there. */
  readonly reason: string | null;
}

export type ServerState = "serving" | "draining";

/** The whole state at one moment: GET /api/snapshot, and each event `snapshot` of /api/events. */
export interface Snapshot {
  /** The moment of the snapshot. */
  readonly timeMs: number;
  readonly state: ServerState;
  readonly server: ServerFacts;
  readonly totals: Totals;
  /** The last whole second; null in the first one. */
  readonly last: Sample | null;
  readonly threads: readonly ThreadFacts[];
  /** At most ten of each, the most requested first. */
  readonly files: { readonly now: readonly FileFacts[]; readonly all: readonly FileFacts[] };
  /** Clients seen in the last ten seconds, the busiest first, at most twenty. */
  readonly clients: readonly ClientFacts[];
  /** How many more clients there are. */
  readonly otherClients: number;
  readonly limiter: { readonly slots: number; readonly slotsUsed: number };
  /** Absent where the server shares no store. */
  readonly store?: StoreFacts | undefined;
  /** How long counted hits have been waiting to be saved; null when they are kept in memory only. */
  readonly persistLagSeconds: number | null;
  readonly logLinesDropped: number;
  /** What has not answered for some seconds: server threads by their index, mounts by their mount point. */
  readonly hanging: { readonly threads: readonly number[]; readonly mounts: readonly string[] };
}

/** Event `history` of /api/events: the first of each connection. */
export interface History {
  readonly columns: SampleColumns;
}

/** Event `snapshot` of /api/events: once a second. */
export interface SnapshotEvent {
  /** The samples since the last event; more than one for a slow reader. */
  readonly samples: readonly Sample[];
  readonly snapshot: Snapshot;
}
